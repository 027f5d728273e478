import type { CampaignCounts } from '../../controller/domain/ports/audience-ledger.ts';
import type { LaneState } from '../../controller/domain/ports/lane-ledger.ts';
import type { QuotaUsage } from '../../controller/domain/ports/quota-ledger.ts';
import type { RouteCounters } from '../../controller/domain/ports/report-ledger.ts';

/** Ten of a hundred recipients used. */
export function aUsage(overrides: Partial<QuotaUsage> = {}): QuotaUsage {
  return {
    subject: 'mailbox:anna@example.com',
    used: 10,
    cap: 100,
    flags: [],
    throttleFactor: 1,
    ...overrides,
  };
}

/** The lane mailbox/anna, connected. */
export function aLaneState(overrides: Partial<LaneState> = {}): LaneState {
  return { route: 'mailbox/anna', reason: 'Connected', message: '', ...overrides };
}

/** Counters of mailbox/anna with nothing counted. */
export function routeCounters(overrides: Partial<RouteCounters> = {}): RouteCounters {
  return {
    route: 'mailbox/anna',
    sent: 0,
    deferred: 0,
    failed: 0,
    suppressed: 0,
    uncertain: 0,
    overflow: 0,
    replies: [],
    ...overrides,
  };
}

/** A campaign's counts with nothing counted. */
export function campaignCounts(overrides: Partial<CampaignCounts> = {}): CampaignCounts {
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
    ...overrides,
  };
}
