import type { Plan } from '../../api/plan.ts';
import type { AudienceState, CampaignCounts } from '../ports/audience-ledger.ts';
import type { LaneState } from '../ports/lane-ledger.ts';
import type { QuotaUsage } from '../ports/quota-ledger.ts';
import type { LimitedMessages, RouteCounters } from '../ports/report-ledger.ts';

/** What the ledger knows of one pool at one moment. */
export interface PoolFacts {
  readonly plan: Plan;
  readonly routes: readonly RouteCounters[];
  /** By quota subject, those of the shared limits included. */
  readonly usage: ReadonlyMap<string, QuotaUsage>;
  /** Messages that wait for shared limits. */
  readonly limited: readonly LimitedMessages[];
  /** By route. */
  readonly lanes: ReadonlyMap<string, LaneState>;
  /** By campaign. */
  readonly campaigns: ReadonlyMap<
    string,
    {
      readonly counts: CampaignCounts;
      readonly audience: AudienceState;
      /** Why the audience could not be read when it was read last. */
      readonly audienceProblem?: string | undefined;
    }
  >;
}
