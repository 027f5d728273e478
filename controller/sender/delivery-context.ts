import type { Logger } from 'pino';
import type { Plan } from '../api/plan.ts';
import type { TemplateCache } from '../domain/message/compiled-template.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { Clock, Random } from '../domain/ports/clock.ts';
import type { Ledger, LedgerLost, LedgerUnavailable } from '../domain/ports/ledger.ts';
import type { Claim, SenderKey } from '../domain/ports/queue-ledger.ts';
import type { WindowCloses } from '../domain/window.ts';
import type { AudienceCache } from './audience-cache.ts';
import type { Lane } from './lane.ts';
import type { LedgerClock } from '../domain/ledger-clock.ts';
import type { SharedLimits } from './shared-limits.ts';

/** What every step of a delivery needs. `plan` and `sender` are those in force when they are read. */
export interface DeliveryContext {
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly audience: AudienceCache;
  readonly templates: TemplateCache;
  readonly shared: SharedLimits;
  readonly clock: Clock;
  readonly ledgerClock: LedgerClock;
  readonly random: Random;
  /** When sending windows close, worked out once per opening. */
  readonly windowCloses: WindowCloses;
  readonly log: Logger;
  /** Key that signs unsubscribe tokens, where the pool has one. */
  readonly signingKey: () => Promise<string | undefined>;
  plan(): Plan;
  /** Resolves when the plan is the one that was in force a moment ago. */
  lookAtPlan(): Promise<void>;
  sender(): SenderKey;
  /** Aborted when a drain has reached its limit: what the ledger does not take then is given up. */
  readonly abandoned: AbortSignal;
  /** `repeated`: what is tried again, until `onOutageOver` says that it is not any more; undefined = another way is found. */
  onOutage(error: LedgerUnavailable | LedgerLost, repeated?: object): void;
  onOutageOver(repeated: object): void;
  /** Work that outlives the message, such as an earned suppression; a drain waits for it. */
  keep(work: Promise<unknown>): void;
}

/** `Settled`: the claim has its end. `Reroute`: nothing happened, the lane just became unable; choose again. */
export type DeliveryEnd = 'Settled' | 'Reroute';

/** One message on one lane. */
export interface Delivery {
  readonly lane: Lane;
  readonly claim: Claim;
  /** Why it leaves by its second choice, empty when it does not. */
  readonly overflow: string;
}
