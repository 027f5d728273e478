import { uptime } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Clock, Random } from '../domain/ports/clock.ts';
import { LedgerLost, type Ledger, type LedgerHealth } from '../domain/ports/ledger.ts';
import { SLOTS_PER_WINDOW, WIRE_MARGIN_MS, type WindowShape } from '../domain/quota/rolling-window.ts';
import { GUARD_MAX_AGE_MS } from '../domain/ports/suppression-ledger.ts';
import { adaptersOf } from './adapters.ts';
import { clientFor, endClient } from './connection.ts';
import { tellConnectionTrouble, tellLogin } from './connection-trouble.ts';
import { ledgerFailure } from './failure.ts';
import { ledgerHealth } from './health.ts';
import { LedgerIdentity, type Expectation, type Remember } from './identity.ts';
import { Keys } from './keys.ts';
import { lookAtLedger, type FoundLedger } from './ledger-look.ts';
import { migrateLedger } from './migrations/migrate.ts';
import { ProcessMemory } from './process-memory.ts';
import { ScriptRunner, loadScripts, type RedisClient } from './scripts.ts';
import { SteadyClock, type OwnClocks } from './steady-clock.ts';
import { Store, type StoreParts } from './store.ts';
import type { LandmarkTimes } from './tail/landmarks.ts';
import type { ToldAgain } from './tail/tail.ts';
import { Witnesses } from './witnesses.ts';

const QUOTA_SHAPE: WindowShape = { slotsPerWindow: SLOTS_PER_WINDOW, marginMs: WIRE_MARGIN_MS };
const ACK_DELAY_MS = GUARD_MAX_AGE_MS + 100;

/** What the client says of a server, and of a cluster, that it could not connect to; why is told apart. */
const ONLY_CLOSED = new Set(['Connection is closed.', 'None of startup nodes is available']);

export interface RedisLedgerOptions extends Expectation {
  /** Where Redis is: redis://, redis+sentinel:// or redis+cluster://, or rediss for TLS; see `clientFor`. */
  readonly url: string;
  /** Certificate (PEM) that a TLS Redis is trusted by, besides those that Node trusts. */
  readonly certificateAuthority?: string;
  /** Begins every key, e.g. `mailers:`: several ledgers may share one Redis. */
  readonly prefix: string;
  /** Awaited whenever a ledger becomes ours, before anything is done with it: keep its ids, and give them as `expected` next time. Must not reject. */
  readonly remember?: Remember;
  /** How a person confirms a loss from where these messages are read, without the id; `mailers ledger confirm` unless given. */
  readonly confirmCommand?: string | undefined;
  readonly clock?: Pick<Clock, 'sleep'>;
  readonly random?: Random;
  /** So many replicas must hold a copy for the ledger to be durable; 0 unless given. */
  readonly minReplicas?: number;
  /** A command that is not answered for so long has failed, ms; 2,000 unless given. */
  readonly commandTimeoutMs?: number;
  /** How long adding a suppression waits until it is acknowledged, ms; must be more than GUARD_MAX_AGE_MS. */
  readonly ackDelayMs?: number;
  /** How finely and how long usage is kept, for tests. */
  readonly quotaShape?: WindowShape;
  /** How often it is noted how far the ledger is, and how far it may go back, for tests. */
  readonly landmarkTimes?: LandmarkTimes;
  /** Lua text that defines `now_ms()` instead of lua/include/clock.lua, for tests that move the ledger's clock. */
  readonly clockScript?: string;
  /** Called when the ledger had gone back in time and was told again what this process did. */
  readonly onTold?: (told: ToldAgain) => void;
  /** Called when there is no connection, once for each reason. */
  readonly onTrouble?: ((sentence: string) => void) | undefined;
  /** Called each time Redis refuses user or password, and without an error whenever a connection is there: a URL is never read again. */
  readonly onLogin?: (refusal?: Error) => void;
  /** Called when this process was the first to notice that the clock of Redis jumped: by how much, ms, negative when it was set back. */
  readonly onClockJump?: (jumpMs: number) => void;
  /** This machine's clocks that nobody sets, against which jumps of the ledger's clock are noticed. */
  readonly ownClocks?: OwnClocks;
}

/** The ledger in Redis. */
export interface RedisLedger extends Ledger {
  /**
   * A person accepts that the ledger was lost (LedgerLost): what Redis holds now is the ledger; plans must be published again. `lost`: its id,
   * when this is not the process that lost it.
   */
  confirmLedgerLoss(lost?: string): Promise<void>;
  /**
   * Resolves when what this process did until now is surely kept, some seconds later: who ends after it promised something to a person cannot
   * tell it again to a Redis that loses it. Rejects when the ledger is away or gone.
   */
  kept(): Promise<void>;
}

/**
 * Connects to Redis and opens the ledger there. An empty Redis becomes a new one, unless another was `expected`: that one is lost then, and
 * every call but `confirmLedgerLoss` rejects with LedgerLost. Rejects with LedgerUnavailable when there is no Redis, and refuses a ledger of a
 * newer schema; an older one is migrated. Afterwards it reconnects by itself for ever.
 */
export async function openRedisLedger(options: RedisLedgerOptions): Promise<RedisLedger> {
  const client = clientFor(options.url, { ...options, random: options.random ?? Math.random });
  // A connection that failed is only told as closed; the reason comes as an event. Without a listener it would end the process.
  let reason: unknown;
  client.on('error', (error) => (reason ??= error));
  if (options.onLogin) tellLogin(client, options.onLogin);
  let isOpen = false;
  if (options.onTrouble) tellConnectionTrouble(client, options.onTrouble, () => isOpen);
  const keys = new Keys(options.prefix);
  const runner = new ScriptRunner(client, loadScripts(options.clockScript));
  const identity = identityOf({ client, runner, keys }, options, () => memory.clear());
  const parts = { client, runner, keys, identity };
  const { quotaShape = QUOTA_SHAPE, clock = { sleep }, ackDelayMs = ACK_DELAY_MS } = options;
  const memory = new ProcessMemory(parts, { ...options, quotaShape });
  const { continuity } = memory;
  const open = async (): Promise<void> => {
    await identity.open(options);
    await memory.open();
    isOpen = true;
  };
  await openOrEnd(client, open, () => reason);
  const store = new Store({ ...parts, continuity });
  const adapters = adaptersOf(store, { quotaShape, clock, ackDelayMs });
  return {
    ...adapters,
    ...memory.remembering(adapters),
    get id() {
      return identity.id;
    },
    get replaces() {
      return identity.replaces;
    },
    now: () => store.now(),
    health: () => healthOf(store, client, options.minReplicas ?? 0),
    confirmLedgerLoss: (lost) => identity.confirmLoss(lost),
    kept: () => continuity.kept(() => store.now()),
    close: async () => {
      memory.close();
      await client.quit().catch(() => endClient(client));
    },
  };
}

/** @param reason what the last event of the client said */
async function openOrEnd(
  client: RedisClient,
  open: () => Promise<void>,
  reason: () => unknown,
): Promise<void> {
  try {
    if (client.status === 'wait') await connect(client);
    await open();
  } catch (error) {
    endClient(client);
    const isOnlyClosed = error instanceof Error && ONLY_CLOSED.has(error.message);
    throw ledgerFailure(isOnlyClosed ? (reason() ?? error) : error);
  }
}

/** Sentinels that do not answer are asked for ever; who opens a ledger hears of it after the first round. */
async function connect(client: RedisClient): Promise<void> {
  if (!(client instanceof Redis)) return client.connect();
  const { promise, reject } = Promise.withResolvers<never>();
  client.once('error', reject);
  await Promise.race([client.connect(), promise]).finally(() => client.off('error', reject));
}

function identityOf(
  { client, runner, keys }: Omit<StoreParts, 'identity'>,
  options: RedisLedgerOptions,
  onTakeOver: () => void,
): LedgerIdentity {
  const { prefix, remember, confirmCommand, onClockJump } = options;
  const key = keys.identity();
  const clock = new SteadyClock(
    options.ownClocks ?? { monotonicMs: () => performance.now(), uptimeSeconds: uptime },
  );
  const looking = { runner, clock, key, onClockJump };
  const look = () => lookAtLedger(looking);
  const migrate = (found: FoundLedger) => migrateLedger(found, { ...looking, client, prefix, look });
  const witnesses = new Witnesses({ client, runner, keys, monotonicMs: () => performance.now() });
  return new LedgerIdentity({ ...looking, witnesses, migrate, remember, onTakeOver, confirmCommand });
}

/** What is lost need not be asked how well it is kept. */
async function healthOf(store: Store, client: RedisClient, minReplicas: number): Promise<LedgerHealth> {
  try {
    await store.now();
  } catch (error) {
    if (!(error instanceof LedgerLost)) throw error;
    return { reason: 'LedgerLost', message: error.message };
  }
  return await ledgerHealth(client, minReplicas);
}

async function sleep(ms: number): Promise<void> {
  await pause(ms);
}
