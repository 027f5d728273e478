import type { Fleet } from '../fleet/fleet.ts';
import type { Declaration } from './declaration.ts';
import type { Journal } from './journal.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { ChaosSettings } from './settings.ts';

/** What a fault works on. */
export interface ChaosContext {
  readonly fleet: Fleet;
  readonly declaration: Declaration;
  readonly journal: Journal;
  readonly random: SeededRandom;
  readonly settings: ChaosSettings;
}

/** Something that goes wrong, or that a person does in the middle of a run. Resolves when it is over. */
export interface Fault {
  readonly name: string;
  /** How often it comes, beside the others. */
  readonly weight: number;
  /** Faults of one kind, in this sense, come one after the other. */
  readonly exclusive: 'Sender' | 'Redis' | 'Provider' | 'Person' | 'Pause';
  /** True when no process may be hit at the same time. */
  readonly isAlone?: true;
  run(context: ChaosContext): Promise<void>;
}
