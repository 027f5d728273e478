import type { AcknowledgedSuppression, CapInForce, Pause, SharedCap } from '../invariants/evidence.ts';
import type { SharedLimit } from './declaration.ts';

/** Something that was done to the system, and when. */
export interface InjectedFault {
  readonly kind: 'SenderKilled' | 'SenderStalled' | 'RedisKilled' | 'RedisStalled' | 'Provider';
  readonly fromMs: number;
  readonly toMs: number;
  /** Login that a trouble of a provider concerned; undefined: all of them. */
  readonly account?: string;
  readonly what: string;
}

/** What a run did to the system: what the checker needs to know, and what explains an end that nobody knows. */
export class Journal {
  readonly faults: InjectedFault[] = [];
  readonly caps: CapInForce[] = [];
  readonly sharedCaps: SharedCap[] = [];
  readonly pauses: Pause[] = [];
  readonly suppressions: AcknowledgedSuppression[] = [];
  readonly #startedMs = Date.now();
  readonly #lines: string[] = [];

  note(text: string): void {
    this.#lines.push(`${((Date.now() - this.#startedMs) / 1000).toFixed(2).padStart(7)} s  ${text}`);
  }

  /** A limit that all routes share is in force. */
  shareLimit(name: SharedLimit, limit: Pick<SharedCap, 'recipients' | 'windowMs' | 'fromMs'>): void {
    this.sharedCaps.push({ name, ...limit, ...(name === 'pool' ? {} : { domains: [name] }) });
  }

  /** Runs what a fault does and keeps when it was. */
  async during(
    fault: Pick<InjectedFault, 'kind' | 'account' | 'what'>,
    work: () => Promise<void>,
  ): Promise<void> {
    const fromMs = Date.now();
    this.note(fault.what);
    await work();
    this.faults.push({ ...fault, fromMs, toMs: Date.now() });
  }

  /** The story of the run, a line per event. */
  story(): string {
    return this.#lines.join('\n');
  }
}
