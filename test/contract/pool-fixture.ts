import type { AttemptRecord } from '../../controller/api/attempt.ts';
import type { Plan } from '../../controller/api/plan.ts';
import type { CampaignCounts } from '../../controller/domain/ports/audience-ledger.ts';
import { LOST_ATTEMPT } from '../../controller/domain/lost-attempt.ts';
import type { Ledger } from '../../controller/domain/ports/ledger.ts';
import type {
  BeginAnswer,
  BeginRequest,
  Claim,
  ClaimDemand,
  PoolKey,
  SenderKey,
  SettleAnswer,
  SettleRequest,
} from '../../controller/domain/ports/queue-ledger.ts';
import { anAttemptRecord } from '../builders/attempt.ts';
import { audienceRows } from '../builders/audience.ts';
import { aPlan } from '../builders/plan.ts';
import { aClaimDemand } from '../builders/queue.ts';

/** The pool of `aPlan`. */
export const POOL: PoolKey = { namespace: 'mail', pool: 'outreach' };
/** Longer than any test. */
export const LONG_LEASE_MS = 600_000;

const MAILBOX = 'mailbox/anna';

/** A registered sender with its lanes, and short words for what it does. */
export interface TestSender {
  readonly key: SenderKey;
  readonly fences: ReadonlyMap<string, number>;
  claim(demand?: Partial<ClaimDemand>): Promise<Claim[]>;
  /** Claims and insists on exactly one message. */
  claimOne(demand?: Partial<ClaimDemand>): Promise<Claim>;
  begin(claim: Claim, route?: string, change?: Partial<BeginRequest>): Promise<BeginAnswer>;
  settle(claim: Claim, request: Omit<SettleRequest, 'claim'>): Promise<SettleAnswer>;
  /** Settles as Delivered by `route` with its record. */
  deliver(claim: Claim, change?: Partial<SettleRequest>): Promise<SettleAnswer>;
}

/** Publishes the plan and gives each of its campaigns `rows` rows. */
export async function openPool(ledger: Ledger, rows: number, plan: Plan = aPlan()): Promise<void> {
  await ledger.plans.publish(plan);
  for (const { name } of plan.campaigns) await importRows(ledger, name, rows);
}

/** Commits the rows r0@example.net … of a campaign as its whole audience. */
export async function importRows(ledger: Ledger, campaign: string, rows: number): Promise<void> {
  const key = { ...POOL, campaign };
  await ledger.audience.append(key, 0, audienceRows(rows));
  const counts = { read: rows, accepted: rows, invalid: 0, duplicate: 0 };
  const change = { revision: `${campaign}-${rows}`, total: rows, removed: [], restored: [], counts };
  await ledger.audience.commit(key, change);
}

/** Registers a sender with a lease, asks for the lanes and takes what it gets. */
export async function startSender(
  ledger: Ledger,
  senderId: string,
  { leaseMs = LONG_LEASE_MS, routes = [MAILBOX, 'esp/relay'] }: { leaseMs?: number; routes?: string[] } = {},
): Promise<TestSender> {
  const key = { ...POOL, senderId };
  const share = await ledger.lanes.share(key, { leaseMs, routes, busy: [], states: [] });
  const fences = new Map(share.owned.map(({ route, fence }) => [route, fence]));
  const claim = async (demand: Partial<ClaimDemand> = {}): Promise<Claim[]> => [
    ...(await ledger.queue.claim(key, aClaimDemand(demand))).claims,
  ];
  return {
    key,
    fences,
    claim,
    async claimOne(demand = {}) {
      const [first, ...more] = await claim({ any: 1, ...demand });
      if (first === undefined || more.length > 0) throw new Error(`claimed ${more.length + 1} messages`);
      return first;
    },
    begin: (claimed, route = MAILBOX, change = {}) =>
      ledger.queue.begin(key, {
        claim: claimed,
        route,
        laneFence: fences.get(route) ?? 0,
        messageId: recordOf(claimed).messageId,
        attempt: attemptOf(claimed),
        ...change,
      }),
    settle: (claimed, request) => ledger.queue.settle(key, { claim: claimed, ...request }),
    deliver: (claimed, change = {}) =>
      ledger.queue.settle(key, {
        claim: claimed,
        settlement: { kind: 'Terminal', outcome: 'Delivered' },
        record: recordOf(claimed),
        route: MAILBOX,
        ...change,
      }),
  };
}

/** The record of the attempt on a claim, delivered unless `change` says otherwise. */
export function recordOf(claim: Claim, change: Partial<AttemptRecord> = {}): AttemptRecord {
  const { campaign, step, row } = claim.key;
  return anAttemptRecord({
    campaign,
    step,
    row,
    messageId: `${campaign}.${step}.${row}@example.com`,
    attempt: claim.attempts + 1,
    ...change,
  });
}

/** The record that recovery makes of an attempt on a claim. */
export function lostRecordOf(
  claim: Claim,
  times: Pick<AttemptRecord, 'timeMs' | 'durationMs'>,
): AttemptRecord {
  return recordOf(claim, { ...LOST_ATTEMPT, ...times });
}

/** What `begin` is told for the record of an attempt on a claim. */
export function attemptOf(claim: Claim): BeginRequest['attempt'] {
  const { recipient, provider, account, overflow } = recordOf(claim);
  return { recipient, provider, account, overflow };
}

/** Counts of a campaign without its times. */
export async function countsOf(
  ledger: Ledger,
  campaign = 'spring',
): Promise<Omit<CampaignCounts, 'startedMs' | 'completedMs' | 'nextDueMs'>> {
  const {
    startedMs: _started,
    completedMs: _completed,
    nextDueMs: _due,
    ...counts
  } = await ledger.audience.counts({ ...POOL, campaign });
  return counts;
}

/** Counts of a campaign in which nothing happened but what is given. */
export function someCounts(counts: Partial<CampaignCounts>): CampaignCounts {
  return {
    total: 0,
    pending: 0,
    inFlight: 0,
    delivered: 0,
    deferred: 0,
    failed: 0,
    suppressed: 0,
    uncertain: 0,
    cancelled: 0,
    overflow: 0,
    ...counts,
  };
}

/** All attempt records of the pool. */
export async function attemptsOf(ledger: Ledger): Promise<AttemptRecord[]> {
  const { records } = await ledger.reports.attempts(POOL, '', 1_000);
  return [...records];
}
