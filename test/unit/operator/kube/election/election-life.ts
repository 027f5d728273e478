import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { TimerClock } from '../../../../../controller/operator/kube/clock.ts';
import {
  LEASE,
  LeaderElector,
  type Leadership,
} from '../../../../../controller/operator/kube/leader-election.ts';
import type { Lease } from '../../../../../controller/operator/kube/lease-record.ts';
import { ResourceClient } from '../../../../../controller/operator/kube/resource-client.ts';
import { keptLog, ManualClock } from '../manual-clock.ts';
import { PlayedLease } from './played-lease.ts';

export type ElectionStep =
  | { readonly do: 'pass'; readonly ms: number }
  /** The way of a replica to the API server is cut, or mended. */
  | { readonly do: 'cut' | 'mend' | 'stop' | 'start'; readonly replica: number }
  /** Somebody sets the clock of a machine. */
  | { readonly do: 'set'; readonly replica: number; readonly aheadMs: number }
  | { readonly do: 'deleteLease' };

const HOUR_MS = 3_600_000;
const REPLICAS = 3;
const replica = fc.nat(REPLICAS - 1);
const aheadMs = fc.constantFrom(0, HOUR_MS, -HOUR_MS, 20_000, -20_000, 24 * HOUR_MS);

const step: fc.Arbitrary<ElectionStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(100, 2_500, 9_000, 16_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('cut', 'mend', 'stop', 'start'), replica }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), replica, aheadMs }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteLease' as const) }) },
);

export const anElection = fc.record({
  aheadMs: fc.tuple(aheadMs, aheadMs, aheadMs),
  steps: fc.array(step, { minLength: 4, maxLength: 20 }),
});

/** How often it is looked at who leads. */
const LOOK_MS = 500;
const LONGER_THAN_A_LEASE_MS = 20_000;
const CALM_MS = 40_000;

interface Replica {
  aheadMs: number;
  isCut: boolean;
  elector: LeaderElector | undefined;
  term: Leadership | undefined;
  stopping: AbortController | undefined;
  /** Resolves when the process that runs now has ended. */
  ended: Promise<unknown>;
}

/** Replicas on machines whose clocks differ, through one history. */
export class ElectionLife {
  readonly #clock = new ManualClock();
  readonly #lease = new PlayedLease(this.#clock);
  readonly #replicas: Replica[];
  readonly #epochs: number[] = [];
  #processes = 0;
  #isForgotten = false;

  constructor(aheadMs: readonly number[]) {
    this.#replicas = aheadMs.map((ms) => ({
      aheadMs: ms,
      isCut: false,
      elector: undefined,
      term: undefined,
      stopping: undefined,
      ended: Promise.resolve(),
    }));
  }

  async live(steps: readonly ElectionStep[]): Promise<void> {
    for (const one of this.#replicas) this.#start(one);
    for (const one of steps) await this.#step(one);
    for (const one of this.#replicas) Object.assign(one, { isCut: false });
    await this.#pass(CALM_MS);
    for (const one of this.#replicas) this.#start(one);
    await this.#pass(CALM_MS);
    expect(this.#leaders()).toHaveLength(1);
    // Every new leader is told apart from all before it, as long as somebody knows of those.
    if (!this.#isForgotten)
      expect(this.#epochs).toEqual([...new Set(this.#epochs)].toSorted((one, other) => one - other));
    for (const one of this.#replicas) one.stopping?.abort();
    await this.#pass(CALM_MS);
    await Promise.all(this.#replicas.map(({ ended }) => ended));
  }

  async #step(one: ElectionStep): Promise<void> {
    if (one.do === 'pass') return await this.#pass(one.ms);
    if (one.do === 'deleteLease') return await this.#deleteLease();
    const target = this.#replicas[one.replica];
    if (target === undefined) return;
    if (one.do === 'set') target.aheadMs = one.aheadMs;
    else if (one.do === 'start') this.#start(target);
    else if (one.do === 'stop') target.stopping?.abort();
    else target.isCut = one.do === 'cut';
  }

  /** A process that has never seen who holds the Lease cannot know that somebody does: there is none of these now. */
  async #deleteLease(): Promise<void> {
    const running = this.#replicas.filter(({ stopping }) => stopping !== undefined);
    if (running.some(({ elector }) => elector?.leader !== this.#lease.holder)) return;
    this.#isForgotten = true;
    this.#lease.delete();
    await this.#pass(LONGER_THAN_A_LEASE_MS);
  }

  /** A process of the replica, unless one runs. */
  #start(one: Replica): void {
    if (one.stopping !== undefined) return;
    const stopping = new AbortController();
    one.stopping = stopping;
    this.#processes += 1;
    const elector = new LeaderElector({
      leases: new ResourceClient<Lease>(
        this.#lease.transport(() => one.isCut),
        LEASE,
      ),
      namespace: 'default',
      name: 'operator',
      identity: `process-${this.#processes}`,
      clock: this.#clockOf(one),
      random: () => 0.5,
      log: keptLog(),
    });
    one.elector = elector;
    one.ended = elector
      .run(stopping.signal, (term) => this.#lead(one, term))
      .then(() => (one.stopping = undefined));
  }

  /** The machine's time of day may be anything; so may be where its other clock began, which is never set. */
  #clockOf(one: Replica): TimerClock {
    const clock = this.#clock;
    const begun = one.aheadMs;
    return {
      now: () => clock.now() + one.aheadMs,
      monotonic: () => clock.monotonic() + begun,
      after: (delayMs, action) => clock.after(delayMs, action),
      sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    };
  }

  async #lead(one: Replica, term: Leadership): Promise<void> {
    this.#epochs.push(term.epoch);
    one.term = term;
    await new Promise((resolve) => term.signal.addEventListener('abort', resolve, { once: true }));
    one.term = undefined;
  }

  async #pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += LOOK_MS) {
      await this.#clock.advance(LOOK_MS);
      expect(this.#leaders().length).toBeLessThanOrEqual(1);
    }
  }

  #leaders(): Leadership[] {
    return this.#replicas.flatMap(({ term }) => (term?.isHeld() === true ? [term] : []));
  }
}
