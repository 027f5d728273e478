import type { Logger } from 'pino';
import type { Plan } from '../api/plan.ts';
import { claimDemand } from '../domain/routing/claim-demand.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { Clock, Random } from '../domain/ports/clock.ts';
import { LedgerUnavailable, type Ledger } from '../domain/ports/ledger.ts';
import type { ClaimBatch, PoolKey, SenderKey } from '../domain/ports/queue-ledger.ts';
import type { Credentials } from '../domain/ports/route.ts';
import { AudienceCache } from './audience-cache.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { Dispatcher } from './dispatcher.ts';
import { HEARTBEAT_INTERVAL_MS, LaneTable } from './lane-table.ts';
import { LedgerClock } from './ledger-clock.ts';
import type { RouteOpener } from './route-opener.ts';
import { Wake } from './wake.ts';

/** How often the plan's revision is asked for, and how long an idle queue is left alone, milliseconds. */
const PLAN_POLL_MS = 250;
const IDLE_POLL_MS = 500;

export interface PoolSenderParts {
  readonly pool: PoolKey;
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly credentials: Credentials;
  readonly open: RouteOpener;
  readonly clock: Clock;
  readonly random: Random;
  /** Makes an id that no other process has. */
  readonly newSenderId: () => string;
  readonly log: Logger;
}
