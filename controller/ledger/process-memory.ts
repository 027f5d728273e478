import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import type { WindowShape } from '../domain/quota/rolling-window.ts';
import { adaptersOf } from './adapters.ts';
import { throwLedgerFailure } from './failure.ts';
import { lookAtLedger, type LookParts } from './ledger-look.ts';
import { Store, type StoreParts } from './store.ts';
import { Continuity } from './tail/continuity.ts';
import { LANDMARK_TIMES, LANDMARKS_KEPT_MS, Landmarks, type LandmarkTimes } from './tail/landmarks.ts';
import { rememberingAudience } from './tail/remembering-audience.ts';
import { rememberingPlans } from './tail/remembering-plans.ts';
import { rememberingQueue } from './tail/remembering-queue.ts';
import { rememberingQuota } from './tail/remembering-quota.ts';
import { rememberingSuppression } from './tail/remembering-suppression.ts';
import { noteLives, onNewPrimary, readServerLives } from './tail/server-lives.ts';
import { Tail, type ToldAgain } from './tail/tail.ts';

type Adapters = ReturnType<typeof adaptersOf>;

export interface ProcessMemoryOptions {
  readonly quotaShape: WindowShape;
  readonly landmarkTimes?: LandmarkTimes | undefined;
  readonly onTold?: ((told: ToldAgain) => void) | undefined;
  readonly onClockJump?: LookParts['onClockJump'];
}

/** What a process remembers of what it did with the ledger, and whether it has to tell it again. */
export class ProcessMemory {
  readonly continuity: Continuity;
  readonly #tail: Tail;
  readonly #landmarks: Landmarks;

  constructor(parts: StoreParts, options: ProcessMemoryOptions) {
    this.#tail = tailOf(parts, options);
    this.#landmarks = landmarksOf(parts, options, () => this.continuity.restored());
    this.continuity = continuityOf(parts, this.#tail, this.#landmarks);
  }

  async open(): Promise<void> {
    await this.continuity.open();
    this.#landmarks.begin();
  }

  close(): void {
    this.#landmarks.end();
    this.continuity.close();
  }

  /** Another ledger took the place of a lost one: it is told nothing of what was done there. */
  clear(): void {
    this.#tail.clear();
  }

  /** The adapters whose last changes are told again. */
  remembering(adapters: Adapters) {
    const { claims, reservations, replays } = this.#tail;
    const { continuity } = this;
    return {
      plans: rememberingPlans(adapters.plans, replays),
      suppression: rememberingSuppression(adapters.suppression, replays, continuity),
      audience: rememberingAudience(adapters.audience, { replays, continuity, sleep }),
      quota: rememberingQuota(adapters.quota, reservations, continuity),
      queue: rememberingQueue(adapters.queue, claims),
    };
  }
}

/** What this process must tell again; told by a store that does not wait until it is told. */
function tailOf(parts: StoreParts, { quotaShape, onTold }: ProcessMemoryOptions): Tail {
  const atOnce = { sleep: async () => undefined };
  return new Tail({
    identity: parts.identity,
    monotonicMs: () => performance.now(),
    ledger: adaptersOf(new Store({ ...parts, purpose: 'Telling' }), {
      quotaShape,
      clock: atOnce,
      ackDelayMs: 0,
    }),
    onTold: onTold ?? (() => undefined),
  });
}

function landmarksOf(
  { client, runner, keys, identity }: StoreParts,
  { landmarkTimes = LANDMARK_TIMES, onClockJump }: ProcessMemoryOptions,
  restored: () => Promise<void> | undefined,
): Landmarks {
  const processId = randomUUID();
  const looking = { runner, clock: identity.clock, key: keys.identity(), onClockJump };
  return new Landmarks({
    times: landmarkTimes,
    monotonicMs: () => performance.now(),
    look: async () => {
      await restored();
      return await lookAtLedger(looking);
    },
    keysOf: ({ witnesses }) => [keys.landmarks(), ...witnesses.map((number) => keys.landmarks(number))],
    write: (key, value) => runner.run('ledger-landmark', [key], [processId, value, LANDMARKS_KEPT_MS]),
    read: async (key) => {
      const value = await client.hget(key, processId).catch(throwLedgerFailure);
      return value === null ? undefined : Number.parseInt(value, 10);
    },
  });
}

function continuityOf({ client, runner, keys, identity }: StoreParts, tail: Tail, landmarks: Landmarks) {
  const continuity = new Continuity({
    readLives: () => readServerLives(client),
    noteLives: (lives, after) => noteLives(runner, keys.identity(), { lives, after }),
    restate: async (lives) => {
      const { ledgerId } = landmarks;
      const lostMs = await landmarks.lostTooMuchMs();
      await tail.tell(lives);
      if (lostMs > 0) await identity.declareRewound(ledgerId, lostMs);
    },
    mayReturn: client instanceof Redis && client.options.sentinels !== null,
    monotonicMs: () => performance.now(),
    sleep: sleepInBackground,
  });
  // A cluster tells of each node's connection.
  for (const event of ['close', '+node', '-node']) client.on(event, () => continuity.broke());
  if (client instanceof Cluster) onNewPrimary(client, () => continuity.broke());
  return continuity;
}

async function sleep(ms: number): Promise<void> {
  await pause(ms);
}

/** As `sleep`, for what nobody waits for. */
async function sleepInBackground(ms: number): Promise<void> {
  await pause(ms, undefined, { ref: false });
}
