import { randomInt } from 'node:crypto';
import type { SharedLimit } from './declaration.ts';

/** Size of a chaos run. */
export interface ChaosSettings {
  /** Decides which faults come in which order; when exactly a process is hit is up to the machine. */
  readonly seed: number;
  readonly senders: number;
  readonly mailboxes: number;
  /**
   * Recipients of the first campaign, the first few hundred of which are met before faults begin, and of the second one, which is declared
   * later and mails some of them again.
   */
  readonly recipients: readonly [number, number];
  readonly windowMs: number;
  /** Recipients per window and mailbox, least and most. */
  readonly caps: readonly [number, number];
  /** The same of what all routes share: less than they could send together. */
  readonly sharedLimits: Readonly<Record<SharedLimit, readonly [number, number]>>;
  readonly espPerSecond: number;
  /** How long faults go on, and how long the rest may take afterwards. */
  readonly faultsForMs: number;
  readonly completeWithinMs: number;
}

const TIME_BOXED: Omit<ChaosSettings, 'seed'> = {
  senders: 3,
  mailboxes: 20,
  recipients: [2_100, 800],
  windowMs: 12_000,
  caps: [18, 30],
  sharedLimits: { pool: [520, 650], 'club.example': [90, 120] },
  espPerSecond: 40,
  faultsForMs: 40_000,
  completeWithinMs: 120_000,
};

const FULL: Omit<ChaosSettings, 'seed'> = {
  ...TIME_BOXED,
  senders: 5,
  recipients: [15_000, 5_000],
  faultsForMs: 240_000,
  completeWithinMs: 600_000,
};

/** Reads `MAILERS_CHAOS_SEED` (a number; else drawn) and `MAILERS_CHAOS_FULL` (1: 20,000 messages instead of 2,400). */
export function chaosSettings(environment: Readonly<Record<string, string | undefined>>): ChaosSettings {
  const { MAILERS_CHAOS_SEED: seed, MAILERS_CHAOS_FULL: full } = environment;
  const size = full === '1' ? FULL : TIME_BOXED;
  return { ...size, seed: seed === undefined ? randomInt(2 ** 32) : Number(seed) };
}
