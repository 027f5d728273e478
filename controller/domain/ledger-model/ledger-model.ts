import { SLOTS_PER_WINDOW, WIRE_MARGIN_MS, type WindowShape } from '../quota/rolling-window.ts';
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
  /** How usage is kept; SLOTS_PER_WINDOW and WIRE_MARGIN_MS unless given. */
  readonly quotaShape?: WindowShape;
}

const DEFAULT_SHAPE: WindowShape = { slotsPerWindow: SLOTS_PER_WINDOW, marginMs: WIRE_MARGIN_MS };

/** The reference: what every ledger must do, in memory, without a server. The contract suites compare the others with it. */
export function createLedgerModel({ now, sleep, quotaShape = DEFAULT_SHAPE }: LedgerModelParts): Ledger {
  const poolOf = createPools();
  return {
    id: 'model',
    replaces: [],
    quota: createQuotaModel(now, quotaShape),
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
