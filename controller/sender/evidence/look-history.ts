import type { Looks } from '../../domain/evidence.ts';
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

/** Which looks this process has made, by message, and which mailboxes it leaves alone for a while. Forgotten at its end: one more look. */
export class LookHistory {
  readonly #now: () => number;
  readonly #looks = new Map<string, Looks>();
  readonly #troubles = new Map<string, Trouble>();

  /** @param now ledger's clock, ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  looksFor(message: UncertainMessage): Looks | undefined {
    return this.#looks.get(nameOf(message));
  }

  isLeftAlone(route: string): boolean {
    return (this.#troubles.get(route)?.untilMs ?? 0) > this.#now();
  }

  /** Writes down a look that began at `startedMs`; answers how long the mailbox is left alone now, ms. */
  note(
    route: string,
    messages: readonly UncertainMessage[],
    look: { readonly answer: SentMailAnswer['kind']; readonly startedMs: number },
  ): number {
    if (look.answer !== 'Searched') return this.#noteTrouble(route, look.answer);
    this.#troubles.delete(route);
    for (const message of messages) {
      const count = (this.looksFor(message)?.count ?? 0) + 1;
      this.#looks.set(nameOf(message), { count, lastMs: look.startedMs });
    }
    return 0;
  }

  /** Forgets the messages that are no longer Uncertain. */
  keepOnly(messages: readonly UncertainMessage[]): void {
    if (this.#looks.size === 0) return;
    const names = new Set(messages.map(nameOf));
    for (const name of this.#looks.keys()) if (!names.has(name)) this.#looks.delete(name);
  }

  #noteTrouble(route: string, kind: 'Unreachable' | 'Refused'): number {
    const count = (this.#troubles.get(route)?.count ?? 0) + 1;
    const pauseMs = Math.min(FIRST_PAUSE_MS[kind] * 2 ** (count - 1), LONGEST_PAUSE_MS);
    this.#troubles.set(route, { untilMs: this.#now() + pauseMs, count });
    return pauseMs;
  }
}

/** Another attempt of the same message is another question. */
function nameOf({ key, beganMs }: UncertainMessage): string {
  return JSON.stringify([key.campaign, key.step, key.row, beganMs]);
}
