import type { AnyResource } from '../../api/resource.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Problem } from '../compile/problem.ts';
import { conditionOf, readiness, unknownCondition, type Cause, type CurrentCondition } from './conditions.ts';
import type { RouteState } from './route-state.ts';
import { causeOf } from './status-subject.ts';

/** What the conditions of a mailbox or ESP follow from. */
export interface RouteConditionFacts {
  /** Errors of the object itself, then what blocks it in its pool. */
  readonly faults: readonly Problem[];
  readonly blocked: Cause | undefined;
  /** Undefined = no pool has it. */
  readonly state: RouteState | undefined;
  /** True when a sender holds the lane and has told its state. */
  readonly isHeld: boolean;
  /** The object as its status was last told. */
  readonly object: Pick<AnyResource, 'metadata' | 'status'>;
}

const LOGIN_REASONS: readonly Reason[] = ['CredentialsInvalid', 'SecretNotFound', 'SecretKeyNotFound'];
const QUOTA_REASONS: readonly Reason[] = ['QuotaExhausted', 'QuotaExceededAtProvider'];
const POLICY_REASONS: readonly Reason[] = [
  'PolicyBlocked',
  'AccountDisabled',
  'SenderUnauthenticated',
  'ConsumerAccountForMarketing',
  'ConsumerAccountsPooled',
];
const CONNECTION_REASONS: readonly Reason[] = ['ConnectionFailed', 'TlsFailed', 'ConfigurationRejected'];

function among(cause: Cause | undefined, reasons: readonly Reason[]): Cause | undefined {
  return cause !== undefined && reasons.includes(cause.reason)
    ? { reason: cause.reason, message: cause.message }
    : undefined;
}

/**
 * A lane without a holder is on its way from one sender to another, as with every pod that comes or goes: what the last login showed holds
 * until one shows something else, or ten thousand mailboxes would change their status twice at each restart of a sender.
 */
function wasAuthenticated({ object: { metadata, status }, state }: RouteConditionFacts): boolean {
  const before = status?.conditions?.find(({ type }) => type === 'Authenticated');
  const isOfThisSpec = before?.observedGeneration === metadata.generation;
  return state !== undefined && state.reason !== 'Suspended' && before?.status === 'True' && isOfThisSpec;
}

function authenticated(facts: RouteConditionFacts, cause: Cause | undefined): CurrentCondition[] {
  const fault = among(cause, LOGIN_REASONS);
  if (fault !== undefined || facts.isHeld || wasAuthenticated(facts)) {
    return [conditionOf('Authenticated', fault, { reason: 'Connected', message: 'no login is refused' })];
  }
  const isAwaited = facts.state?.reason !== 'Suspended' && cause === undefined;
  const waiting = { reason: 'SendersStarting', message: 'no sender has logged in yet' } as const;
  return facts.state !== undefined && isAwaited ? [unknownCondition('Authenticated', waiting)] : [];
}

function allWell(state: RouteState | undefined): Cause {
  if (state === undefined) return { reason: 'Succeeded', message: 'valid, but no SendingPool has it' };
  if (state.reason === 'Suspended') return { reason: 'Suspended', message: state.message };
  // Why it sends nothing now is in `state` and in QuotaAvailable: both change by themselves.
  const waits = [...QUOTA_REASONS, 'WindowClosed'].includes(state.reason);
  return {
    reason: 'Succeeded',
    message: waits ? 'can send again when its quota or window allows' : 'can send',
  };
}

/**
 * Conditions of one route. An exhausted quota is its daily life, so it does not touch `Ready`; neither does a suspension, which somebody
 * wanted.
 */
export function routeConditions(facts: RouteConditionFacts): CurrentCondition[] {
  const { faults, blocked, state } = facts;
  const own = faults[0] === undefined ? blocked : causeOf(faults[0]);
  const cause = own ?? (state?.reason === 'Connected' ? undefined : state);
  const declared = [
    ...authenticated(facts, cause),
    conditionOf('PolicyCompliant', among(cause, POLICY_REASONS), {
      reason: 'Succeeded',
      message: 'the provider holds nothing against it',
    }),
  ];
  const quota = conditionOf('QuotaAvailable', among(state, QUOTA_REASONS), {
    reason: 'QuotaAvailable',
    message: 'recipients are left in the rolling window',
  });
  const fault = own ?? among(state, CONNECTION_REASONS);
  return [...declared, quota, ...readiness(fault, declared, allWell(state))];
}
