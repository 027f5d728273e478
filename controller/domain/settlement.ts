import type { PlanRoute } from '../api/plan.ts';
import { isLaneScoped, laneHold, type LaneHold } from './lane-hold.ts';
import type { Classification } from './policy/classification.ts';
import type { Random } from './ports/clock.ts';
import type { Claim, Constraint, Settlement } from './ports/queue-ledger.ts';
import { asRepeat, endOfClaim } from './repeat.ts';
import { retryDelayMs } from './retry-schedule.ts';
import type { Routing } from './routing/lane-view.ts';

/** An attempt that ended, with what its end is decided by. */
export interface EndedTry {
  readonly classification: Classification;
  readonly claim: Pick<Claim, 'attempts' | 'firstAttemptMs' | 'constraint' | 'overflow' | 'repeatOf'>;
  /** Why the message left by this route as its second choice, empty when it did not. */
  readonly overflow: string;
  readonly route: string;
  readonly routeKind: PlanRoute['kind'];
  /** Consecutive failures of the lane to connect, this one included; 0 when the connection stood. */
  readonly connectFailures: number;
  readonly routing: Routing;
  /** True when the pool has an ESP that takes new messages. */
  readonly hasEsp: boolean;
  /** True when the pool has a route besides this one. */
  readonly hasOtherRoute: boolean;
  /** How long a message may wait after its first attempt, ms. */
  readonly expireAfterMs: number;
  /** Ledger's clock. */
  readonly nowMs: number;
  readonly random: Random;
}

export interface SettlementDecision {
  readonly settlement: Settlement;
  /** True when the message fails for having waited too long (reason `Expired`), not for its last reply alone. */
  readonly isExpired: boolean;
  /** The recipient is to be suppressed. */
  readonly suppress?: 'hard' | 'soft';
  /** The lane takes nothing for now. */
  readonly laneHold?: LaneHold;
}

type Next = { readonly dueInMs: number; readonly constraint: Constraint; readonly overflow: string };

/**
 * A message that one route cannot take and others may is tried this often without delay. After that the message itself is suspected: one
 * that breaks every connection must not keep all lanes down.
 */
const PROMPT_TRIES = 3;

function mayGoToEsp(ended: EndedTry): boolean {
  if (ended.routeKind === 'ESP') return true;
  const { overflow, overflowReasons } = ended.routing;
  return ended.hasEsp && overflow === 'ESP' && overflowReasons.includes('QuotaExhausted');
}

/** The same route again, on the class's schedule; undefined = never. */
function sameRoute(ended: EndedTry): Next | undefined {
  const { classification, claim, route, overflow, random } = ended;
  const { retry } = classification;
  if (retry === null || (retry.max !== undefined && claim.attempts + 1 >= retry.max)) return undefined;
  const dueInMs = retryDelayMs(retry, claim.attempts, random);
  return { dueInMs, constraint: { kind: 'Route', route }, overflow };
}

/** Any route that the message was free to take before: what binds it (an earlier policy refusal) still binds it. */
function anyRoute(ended: EndedTry): Next | undefined {
  const { classification, claim, hasOtherRoute, overflow, random } = ended;
  const { constraint } = claim;
  const isPrompt = claim.attempts + 1 < PROMPT_TRIES;
  if (isLaneScoped(classification)) {
    // The lane itself is held: the message goes to whichever lane can take it, this one when its hold ends.
    const further = claim.attempts + 1 - PROMPT_TRIES;
    const dueInMs = isPrompt ? 0 : retryDelayMs(classification.retry ?? {}, further, random);
    return { dueInMs, constraint, overflow };
  }
  const again = sameRoute(ended);
  if (again !== undefined) return { ...again, constraint };
  const mayMove = hasOtherRoute && constraint.kind !== 'Route' && isPrompt;
  return mayMove ? { dueInMs: 0, constraint, overflow } : undefined;
}

function nextTry(ended: EndedTry): Next | undefined {
  const { classification, overflow, routeKind } = ended;
  switch (classification.failover) {
    case 'any':
      return anyRoute(ended);
    case 'esp': {
      if (!mayGoToEsp(ended)) return sameRoute(ended);
      const reason = routeKind === 'Mailbox' ? 'QuotaExhausted' : overflow;
      return { dueInMs: 0, constraint: { kind: 'Esp' }, overflow: reason };
    }
    // No idempotency by SMTP: another route could deliver twice.
    case 'onlyIfIdempotent':
    case 'none':
      return sameRoute(ended);
  }
}

function isTooLate(ended: EndedTry, dueInMs: number): boolean {
  const { claim, nowMs, expireAfterMs } = ended;
  return nowMs + dueInMs - (claim.firstAttemptMs ?? nowMs) > expireAfterMs;
}

function settle(ended: EndedTry): Pick<SettlementDecision, 'settlement' | 'isExpired'> {
  const { classification, claim } = ended;
  const end = (outcome: 'Delivered' | 'Uncertain' | 'Suppressed' | 'Failed', isExpired = false) => ({
    settlement: { kind: 'Terminal', outcome: endOfClaim(claim, outcome) } as const,
    isExpired,
  });
  switch (classification.class) {
    case 'accepted':
      return end('Delivered');
    case 'outcome_unknown':
      return end('Uncertain');
    case 'suppressed':
      return end('Suppressed');
    default:
  }
  if (classification.isBeforeMessage) {
    if (isTooLate(ended, 0)) return end('Failed', true);
    const { constraint, overflow } = claim;
    const settlement = { kind: 'Returned', dueInMs: 0, constraint, overflow, ...asRepeat(claim) } as const;
    return { settlement, isExpired: false };
  }
  if (claim.repeatOf !== undefined) return end('Uncertain');
  const next = nextTry(ended);
  if (next === undefined) return end('Failed');
  if (isTooLate(ended, next.dueInMs)) return end('Failed', true);
  return { settlement: { kind: 'Deferred', ...next }, isExpired: false };
}

/**
 * Decides what becomes of a message after an attempt. What the provider holds against the sender (policy, reputation, content,
 * authentication) never moves the message to another route; an unknown end never repeats it; a session that failed before the message was
 * begun costs it no attempt. A repeat that was not taken leaves its message as Uncertain as it was: each is only ever asked for again.
 */
export function decideSettlement(ended: EndedTry): SettlementDecision {
  const { classification, connectFailures, claim, nowMs, random } = ended;
  const hold = laneHold({ classification, connectFailures, attempts: claim.attempts, nowMs, random });
  const { suppress } = classification;
  return {
    ...settle(ended),
    ...(suppress === undefined ? {} : { suppress }),
    ...(hold === undefined ? {} : { laneHold: hold }),
  };
}
