import type { Looks, UncertainAge } from '../../domain/evidence.ts';
import type { SentMailAnswer } from '../../domain/ports/evidence.ts';
import type { UncertainMessage } from '../../domain/ports/queue-ledger.ts';

/**
 * Pauses of a mailbox that could not be searched, milliseconds; they double up to the longest. A refused login is not repeated soon: services
 * lock accounts for that.
 */
const FIRST_PAUSE_MS = { Unreachable: 30_000, Refused: 3_600_000 } as const;
const LONGEST_PAUSE_MS = 6 * 3_600_000;

interface Trouble {
  readonly untilMs: number;
  readonly count: number;
}

interface Known {
  readonly sinceMs: number;
  readonly looks?: Looks;
}

export interface LookClocks {
  /** Ledger's clock, ms. */
  now(): number;
  /** A clock that nobody sets, ms. */
  monotonic(): number;
}

/**
 * Since when this process knows of which message, which looks it has made, and which mailboxes it leaves alone for a while. Forgotten at its
 * end: one more look, and nothing is concluded from absence sooner.
 */
export class LookHistory {
  readonly #clocks: LookClocks;
  readonly #known = new Map<string, Known>();
  readonly #troubles = new Map<string, Trouble>();

  constructor(clocks: LookClocks) {
    this.#clocks = clocks;
  }

  ageOf(message: UncertainMessage): UncertainAge {
    const knownForMs = this.#clocks.monotonic() - this.#knownOf(message).sinceMs;
    return { knownForMs, ageMs: Math.max(knownForMs, this.#clocks.now() - message.beganMs) };
  }

  looksFor(message: UncertainMessage): Looks | undefined {
    return this.#knownOf(message).looks;
  }

  isLeftAlone(route: string): boolean {
    return (this.#troubles.get(route)?.untilMs ?? 0) > this.#clocks.monotonic();
  }

  /** Writes down a search that had an answer; `age`: when it began. */
  noteLook(message: UncertainMessage, age: UncertainAge): void {
    const known = this.#knownOf(message);
    const count = (known.looks?.count ?? 0) + 1;
    this.#known.set(nameOf(message), { ...known, looks: { count, last: age } });
  }

  /** Writes down how a mailbox answered; answers how long it is left alone now, ms. */
  noteAnswer(route: string, answer: SentMailAnswer['kind']): number {
    if (answer !== 'Searched') return this.#noteTrouble(route, answer);
    this.#troubles.delete(route);
    return 0;
  }

  /** These messages are Uncertain, and no others any more. */
  keepOnly(messages: readonly UncertainMessage[]): void {
    if (this.#known.size === 0 && messages.length === 0) return;
    const names = new Set(messages.map(nameOf));
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
    for (const message of messages) this.#knownOf(message);
  }

  #knownOf(message: UncertainMessage): Known {
    const name = nameOf(message);
    const known = this.#known.get(name) ?? { sinceMs: this.#clocks.monotonic() };
    this.#known.set(name, known);
    return known;
  }

  #noteTrouble(route: string, kind: 'Unreachable' | 'Refused'): number {
    const count = (this.#troubles.get(route)?.count ?? 0) + 1;
    const pauseMs = Math.min(FIRST_PAUSE_MS[kind] * 2 ** (count - 1), LONGEST_PAUSE_MS);
    this.#troubles.set(route, { untilMs: this.#clocks.monotonic() + pauseMs, count });
    return pauseMs;
  }
}

/** Another attempt of the same message is another question. */
function nameOf({ key, beganMs }: UncertainMessage): string {
  return JSON.stringify([key.campaign, key.step, key.row, beganMs]);
}
