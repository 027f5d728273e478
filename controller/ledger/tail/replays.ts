import type { Ledger } from '../../domain/ports/ledger.ts';
import { Recent } from './recent.ts';

/** Does once more what was done, if the ledger has lost it. It may be called when nothing was lost: then it changes nothing. */
export type Replay = (ledger: Pick<Ledger, 'suppression' | 'audience' | 'plans'>) => Promise<void>;

/** The last changes that can simply be made again, in their order. */
export class Replays {
  readonly #recent: Recent<Replay>;

  constructor(nowMs: () => number) {
    this.#recent = new Recent(nowMs);
  }

  add(replay: Replay): void {
    this.#recent.add(replay);
  }

  /** One after the other. Those from before `sinceMs` are certainly not lost. */
  async run(ledger: Parameters<Replay>[0], sinceMs: number): Promise<void> {
    this.#recent.forgetBefore(sinceMs);
    for (const { item } of this.#recent.items) await item(ledger);
  }

  clear(): void {
    this.#recent.clear();
  }
}
