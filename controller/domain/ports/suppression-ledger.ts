/** One reason why an address is suppressed. */
export interface Suppression {
  readonly list: string;
  readonly kind: 'Declared' | 'Earned';
  readonly reason: string;
}

/** Keys under which one address may be suppressed: see `domain/address`. */
export interface SuppressionKeys {
  /** Exact and widened address keys. */
  readonly addresses: readonly string[];
  /** The domain and its parents. */
  readonly domains: readonly string[];
}

export interface EarnedEntry {
  readonly list: string;
  readonly keys: SuppressionKeys;
  readonly reason: 'HardBounce' | 'Unsubscribed' | 'Complaint' | 'Manual';
  /** Clear text, for people; keys are hashes. */
  readonly address: string;
}

/**
 * Name of the list that every namespace has without declaring it: what is earned at run time (hard bounces …) goes here and is
 * checked for every message of the namespace.
 */
export const EARNED_LIST = 'mailers-earned';

/** Suppression of one namespace. Fails closed: when a list cannot be read, or was never published, `check` rejects. */
export interface SuppressionLedger {
  /** Replaces the declared entries of a list as one change. `revision` names the content; publishing the same again is a no-op. */
  publish(
    namespace: string,
    list: string,
    entries: {
      readonly revision: string;
      readonly addresses: readonly string[];
      readonly domains: readonly string[];
    },
  ): Promise<void>;
  /**
   * Adds an earned entry at once on all routes: the address by its address keys, never its whole domain. Resolves only when every message whose check could have missed it has passed its
   * MAIL FROM: after this, silence is guaranteed (see GUARD_MAX_AGE_MS).
   */
  add(namespace: string, entry: EarnedEntry): Promise<void>;
  /** Asks all lists for many addresses at once; the answer has one element per address, undefined = not suppressed. */
  check(
    namespace: string,
    lists: readonly string[],
    recipients: readonly SuppressionKeys[],
  ): Promise<(Suppression | undefined)[]>;
  /** Forgets a list: its owner was deleted. Earned entries stay; `check` rejects the name until it is published again. */
  forget(namespace: string, list: string): Promise<void>;
  /** The lists that are in force, by name, with their revisions. */
  published(namespace: string): Promise<ReadonlyMap<string, string>>;
  counts(namespace: string, list: string): Promise<{ readonly declared: number; readonly earned: number }>;
}

/**
 * Oldest suppression answer, in ms, that a sender may act on when it writes MAIL FROM. `add` resolves only after a longer time
 * than this has passed since its write, so an acknowledged suppression is always seen.
 */
export const GUARD_MAX_AGE_MS = 500;
