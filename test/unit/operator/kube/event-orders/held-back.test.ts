import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Controller } from '../../../../../controller/operator/kube/controller.ts';
import { StatusBudget } from '../../../../../controller/operator/kube/status-budget.ts';
import { StatusWriter } from '../../../../../controller/operator/kube/status-writer.ts';
import { handFedCache } from '../controller-scene.ts';
import type { Widget } from '../kube-object.ts';
import { keptLog, ManualClock, settle } from '../manual-clock.ts';

/** More than may wait, and more than the budget has saved up. */
const OBJECTS = 900;
const SAVED_WRITES = 150;
const WRITES_PER_SECOND = 40;
const MOST_WAITING = 500;
const WORKERS = 4;
const CONCURRENCY = 8;
const WRITE_MS = 30;
/** All writes and their repetitions, several times over. */
const LONG_MS = 400_000;

interface Change {
  readonly afterMs: number;
  readonly what: 'update' | 'again' | 'delete' | 'fail';
  readonly pick: number;
}

const change = fc.record({
  afterMs: fc.constantFrom(0, 5, 5, 200, 30_000),
  what: fc.constantFrom('update' as const, 'again' as const, 'delete' as const, 'fail' as const),
  pick: fc.oneof(fc.nat(1), fc.nat(OBJECTS - 1)),
});

/** A controller whose reconciles make statuses faster than they may be written. */
class HeldBack {
  readonly #clock = new ManualClock();
  readonly #primary = handFedCache('widgets');
  readonly #versions = new Map<string, number>();
  readonly #written = new Map<string, number>();
  readonly #writer: StatusWriter<number>;
  readonly #controller: Controller<Widget>;
  #failures = 0;
  mostPending = 0;

  constructor() {
    const common = { clock: this.#clock, random: () => 0.5, log: keptLog() };
    const keys = Array.from({ length: OBJECTS }, (_, index) => `object-${index}`);
    for (const key of keys) this.#versions.set(key, 1);
    this.#writer = new StatusWriter<number>({
      budget: new StatusBudget({ writesPerSecond: WRITES_PER_SECOND, savedWrites: SAVED_WRITES }),
      // A write says whose it is by its number.
      write: (status) => this.#write(status),
      onFailure: (key, retryAfterMs) => this.#controller.enqueue(key, retryAfterMs),
      concurrency: CONCURRENCY,
      ...common,
    });
    this.#controller = new Controller<Widget>({
      name: 'widget',
      primary: this.#primary,
      reconcile: (key) => Promise.resolve(this.#make(key)),
      workers: WORKERS,
      whenReady: () => this.#writer.whenCaughtUp(),
      ...common,
    });
    for (const key of keys) this.#primary.tell(key, { isInitial: true });
    this.#primary.sync();
  }

  async live(changes: readonly Change[]): Promise<void> {
    await this.#controller.start(new AbortController().signal);
    for (const { afterMs, what, pick } of changes) {
      await this.#clock.advance(afterMs);
      const key = `object-${pick}`;
      if (what === 'fail') this.#failures += 1;
      else if (what === 'delete') this.#delete(key);
      else this.#update(key);
      if (what !== 'again') continue;
      // While what was said of it first is being written.
      await this.#clock.advance(WRITE_MS / 3);
      this.#update(key);
    }
    await this.#clock.advance(LONG_MS);
    expect(this.#writer.pending).toBe(0);
    expect([...this.#written].toSorted()).toEqual([...this.#versions].toSorted());
    await this.#controller.stop();
    await this.#writer.stop();
  }

  /** Stops while everything waits. */
  async stopEarly(): Promise<void> {
    await this.#controller.start(new AbortController().signal);
    await settle();
    await this.#controller.stop();
    const stopped = this.#writer.stop();
    await this.#clock.advance(WRITE_MS);
    await stopped;
  }

  #update(key: string): void {
    const version = this.#versions.get(key);
    if (version === undefined) return;
    this.#versions.set(key, version + 1);
    this.#primary.tell(key);
  }

  #delete(key: string): void {
    this.#versions.delete(key);
    this.#written.delete(key);
    this.#writer.withdraw(key);
    this.#primary.tell(key, { kind: 'Deleted' });
  }

  #make(key: string): object {
    const version = this.#versions.get(key);
    if (version === undefined) return {};
    this.#writer.offer(key, Number(key.slice('object-'.length)) + OBJECTS * version, 'Condition');
    this.mostPending = Math.max(this.mostPending, this.#writer.pending);
    return {};
  }

  async #write(status: number): Promise<void> {
    await this.#clock.sleep(WRITE_MS);
    if (this.#failures > 0) {
      this.#failures -= 1;
      throw new Error('as the history wants it');
    }
    const key = `object-${status % OBJECTS}`;
    if (this.#versions.has(key)) this.#written.set(key, Math.floor(status / OBJECTS));
  }
}

describe('reconciles that are held back while conditions wait to be written', () => {
  it('all come in the end, whatever changes, goes or fails meanwhile, and never make many more than may wait', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 25 }), async (changes) => {
        const life = new HeldBack();
        await life.live(changes);
        expect(life.mostPending).toBeLessThanOrEqual(MOST_WAITING + WORKERS + CONCURRENCY);
        expect(life.mostPending).toBeGreaterThan(MOST_WAITING - CONCURRENCY);
      }),
      { numRuns: Number(process.env['HISTORIES'] ?? 12) },
    );
  });

  it('do not keep the operator from stopping', async () => {
    const life = new HeldBack();
    await life.stopEarly();
    expect(life.mostPending).toBeGreaterThan(MOST_WAITING - CONCURRENCY);
  });
});
