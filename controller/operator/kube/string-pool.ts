/** Longer strings seldom come twice. */
const LONGEST = 64;
/** What does not come twice must not gather for ever: after so many the pool begins anew, and what was shared stays shared. */
const MOST_STRINGS = 4_096;

/**
 * One copy of strings that come again and again: reasons, messages, providers, labels. JSON.parse makes a new string for each value, which for ten
 * thousand objects is a quarter of their memory.
 */
export class StringPool {
  readonly #strings = new Map<string, string>();

  /** A string of the same content. */
  share(text: string): string {
    if (text.length > LONGEST) return text;
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    if (this.#strings.size >= MOST_STRINGS) this.#strings.clear();
    this.#strings.set(text, text);
    return text;
  }
}
