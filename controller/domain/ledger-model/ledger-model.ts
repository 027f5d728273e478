import { WIRE_MARGIN_MS } from '../quota/rolling-window.ts';
import type { Ledger } from '../ports/ledger.ts';
import { createAudienceModel } from './audience-model.ts';
import { createLaneModel } from './lane-model.ts';
import { createPlanModel } from './plan-model.ts';
import { createPools } from './pool-state.ts';
import { createQueueModel } from './queue-model.ts';
import { createQuotaModel } from './quota-model.ts';
import { createReportModel } from './report-model.ts';
import { createSuppressionModel } from './suppression-model.ts';

export interface LedgerModelParts {
  /** Ledger's clock, ms since the epoch. */
  readonly now: () => number;
  /** Resolves after so many ms of that clock. */
  readonly sleep: (ms: number) => Promise<void>;
  /** How much longer than its window usage is counted; WIRE_MARGIN_MS unless given. */
  readonly quotaMarginMs?: number;
}

/** The reference: what every ledger must do, in memory, without a server. The contract suites compare the others with it. */
export function createLedgerModel({ now, sleep, quotaMarginMs = WIRE_MARGIN_MS }: LedgerModelParts): Ledger {
  const poolOf = createPools();
  return {
    quota: createQuotaModel(now, quotaMarginMs),
    queue: createQueueModel(now, poolOf),
    lanes: createLaneModel(now, poolOf),
    suppression: createSuppressionModel(sleep),
    audience: createAudienceModel(now, poolOf),
    plans: createPlanModel(poolOf),
    reports: createReportModel(poolOf),
    now: async () => now(),
    health: async () => ({
      reason: 'LedgerNotDurable',
      message: 'The ledger is in memory and ends with this process; set REDIS_URL to keep it.',
    }),
    close: async () => undefined,
  };
}
