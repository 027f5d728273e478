import type { Ledger } from '../../domain/ports/ledger.ts';
import { Recent, type TailTimes } from './recent.ts';

/** Does once more what was done, if the ledger has lost it. It may be called when nothing was lost: then it changes nothing. */
export type Replay = (ledger: Pick<Ledger, 'suppression' | 'audience' | 'plans'>) => Promise<void>;

/** The last changes that can simply be made again, in their order. */
export class Replays {
  readonly #recent: Recent<Replay>;

  constructor(times: TailTimes) {
    this.#recent = new Recent(times);
  }

  add(replay: Replay): void {
    this.#recent.add(replay);
  }

  /** One after the other. */
  async run(ledger: Parameters<Replay>[0]): Promise<void> {
    for (const { item } of this.#recent.items) await item(ledger);
  }

  clear(): void {
    this.#recent.clear();
  }
}
