import type { Plan } from '../../api/plan.ts';
import type { Reason } from '../../api/reasons.ts';
import type { ReportPool, ReportRoute } from '../../api/report.ts';
import type { SendingPool } from '../../api/resource.ts';
import type { SendingPoolStatus } from '../../api/sending-pool.ts';
import type { LedgerHealth } from '../ports/ledger.ts';
import type { RouteCounters } from '../ports/report-ledger.ts';
import { conditionOf, readiness, unknownCondition, type Cause, type CurrentCondition } from './conditions.ts';
import { LEDGER_UNREACHABLE } from './ledger-outage.ts';
import { limitConditions, limitStatus } from './pool-limits.ts';
import { causeOf, faultsOf, statusHead, type StatusMoment } from './status-subject.ts';

/** What there is of a pool's pods. */
interface SenderFacts {
  readonly replicas: number;
  readonly ready: number;
  readonly selector: string;
  /** Name of the Secret with the ledger's URL, when it is known not to exist: no pod starts without it. */
  readonly missingSecret?: string;
  /** Why the API server does not take what the pool asks for, in its words. */
  readonly refusal?: string;
}

/** A pool with what its plan, its senders and the ledger say of it. */
export interface PoolStatusFacts {
  readonly pool: SendingPool;
  readonly plan?: Pick<Plan, 'revision'>;
  /** The pool's part of the report; undefined while the ledger cannot be read. */
  readonly report?: ReportPool;
  /** What every route did that ever sent for the pool, also those that are no longer in it. */
  readonly counters?: readonly Pick<RouteCounters, 'sent' | 'overflow'>[];
  readonly senders: SenderFacts;
  readonly ledger?: LedgerHealth;
}

const RESOLUTION_REASONS: readonly Reason[] = [
  'MailboxNotFound',
  'MailboxesEmpty',
  'MailboxShared',
  'ProviderNotFound',
];
const NONE_WANTED = { reason: 'Suspended', message: 'spec.senders.replicas is 0: nothing is sent' } as const;
/** States of a mailbox that sends, or will by itself. */
const ABLE: readonly Reason[] = ['Connected', 'Pacing'];

function sendersAvailable(facts: PoolStatusFacts): CurrentCondition {
  const { pool, senders } = facts;
  const good = { reason: 'SendersReady', message: 'sender pods are ready' } as const;
  if (senders.refusal !== undefined)
    return conditionOf('SendersAvailable', { reason: 'Invalid', message: senders.refusal }, good);
  if (pool.spec.senders.replicas === 0) return conditionOf('SendersAvailable', undefined, NONE_WANTED);
  if (senders.ready > 0) return conditionOf('SendersAvailable', undefined, good);
  if (senders.missingSecret !== undefined) {
    const message = `Secret ${senders.missingSecret} does not exist in namespace ${pool.metadata.namespace}, and no sender pod starts without it: create it with the key url, the URL of the ledger, or name the namespace in the chart's redis.senderNamespaces`;
    return conditionOf('SendersAvailable', { reason: 'SecretNotFound', message }, good);
  }
  return unknownCondition('SendersAvailable', {
    reason: 'SendersStarting',
    message: 'no sender pod is ready yet',
  });
}

function ledgerDurable(ledger: LedgerHealth | undefined): CurrentCondition {
  if (ledger === undefined) return unknownCondition('LedgerDurable', LEDGER_UNREACHABLE);
  const fault = ledger.reason === 'LedgerDurable' ? undefined : ledger;
  return conditionOf('LedgerDurable', fault, ledger);
}

/** A pool that selects no mailbox sends by its providers: it is told, and nothing is wrong. */
function mailboxesResolved(faults: readonly Cause[], empty: Cause | undefined): CurrentCondition {
  const fault = faults.find(({ reason }) => RESOLUTION_REASONS.includes(reason));
  const good: Cause = {
    reason: 'Succeeded',
    message: 'every mailbox and provider is found, and the mailboxes belong to this pool alone',
  };
  return conditionOf('MailboxesResolved', fault, empty ?? good);
}

function emptySelection(pool: SendingPool, problems: StatusMoment['problems']): Cause | undefined {
  const { namespace, name } = pool.metadata;
  const found = problems.find(
    ({ object, reason }) =>
      reason === 'MailboxesEmpty' &&
      object.kind === 'SendingPool' &&
      object.namespace === namespace &&
      object.name === name,
  );
  return found && causeOf(found);
}

function allWell(pool: SendingPool): Cause {
  if (pool.spec.suspend) return { reason: 'Suspended', message: 'spec.suspend is true' };
  if (pool.spec.senders.replicas === 0) return NONE_WANTED;
  return { reason: 'Succeeded', message: 'compiled and served by its senders' };
}

function poolCounts(report: ReportPool, counters: PoolStatusFacts['counters']): SendingPoolStatus {
  const routes = counters ?? report.routes;
  const total = (pick: (route: Pick<ReportRoute, 'sent' | 'overflow'>) => number): number =>
    routes.reduce((sum, route) => sum + pick(route), 0);
  const used = report.mailboxes.reduce((sum, mailbox) => sum + mailbox.used, 0);
  const cap = report.mailboxes.reduce((sum, mailbox) => sum + mailbox.cap, 0);
  return {
    mailboxes: report.mailboxes.length,
    readyMailboxes: report.mailboxes.filter(({ state }) => ABLE.includes(state)).length,
    usage: `${used}/${cap}`,
    ...limitStatus(report.limits),
    delivered: total((route) => route.sent),
    overflow: total((route) => route.overflow),
    suppressed: report.campaigns.reduce((sum, campaign) => sum + campaign.suppressed, 0),
    failed: report.campaigns.reduce((sum, campaign) => sum + campaign.failed, 0),
    uncertain: report.campaigns.reduce((sum, campaign) => sum + campaign.uncertain, 0),
  };
}

/**
 * The status of a SendingPool. A ledger that could lose data is told, but does not make the pool unready: mail moves. One that cannot be
 * reached, or is lost, does.
 */
export function poolStatus(facts: PoolStatusFacts, moment: StatusMoment): SendingPoolStatus {
  const { pool, plan, report, counters, senders, ledger } = facts;
  const faults = faultsOf(pool, moment.problems).map(causeOf);
  const resolved = mailboxesResolved(faults, emptySelection(pool, moment.problems));
  const available = sendersAvailable(facts);
  const durable = ledgerDurable(ledger);
  const isOut = durable.status === 'Unknown' || durable.reason === 'LedgerLost';
  const declared = [...(isOut ? [durable] : []), resolved, available];
  const limits = report === undefined ? [] : limitConditions(report.limits);
  const conditions = [
    resolved,
    available,
    durable,
    ...limits,
    ...readiness(faults[0], declared, allWell(pool)),
  ];
  return {
    ...statusHead(pool, conditions, moment.nowMs),
    replicas: senders.replicas,
    readyReplicas: senders.ready,
    selector: senders.selector,
    ...(report === undefined ? {} : poolCounts(report, counters)),
    ...(plan === undefined ? {} : { planRevision: plan.revision }),
  };
}
