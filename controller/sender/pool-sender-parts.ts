import type { Logger } from 'pino';
import type { EvidenceRules } from '../domain/evidence.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { Clock, Random } from '../domain/ports/clock.ts';
import type { SentMail } from '../domain/ports/evidence.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { PoolKey } from '../domain/ports/queue-ledger.ts';
import type { Credentials } from '../domain/ports/route.ts';
import type { RouteOpener } from './route-opener.ts';

/** What a pool's sender is built of; the composition root gives it. */
export interface PoolSenderParts {
  readonly pool: PoolKey;
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly credentials: Credentials;
  readonly open: RouteOpener;
  /** Where evidence about Uncertain messages is sought; the rules are EVIDENCE_RULES unless given. */
  readonly sentMail: SentMail;
  readonly evidenceRules?: EvidenceRules;
  readonly clock: Clock;
  readonly random: Random;
  /** Makes an id that no other process has. */
  readonly newSenderId: () => string;
  readonly log: Logger;
  /** Only these routes are taken; undefined = all of the pool. */
  readonly routes?: readonly string[];
  /** Longest time from `stop` to the end of `run`, ms; DRAIN_LIMIT_MS unless given. */
  readonly drainLimitMs?: number;
}
