/** The latest messages by Message-ID, for people who want to look at one. */
export class MessageStore {
  readonly #messages = new Map<string, Buffer>();
  readonly #max: number;

  /** @param max How many messages are kept; 0 keeps none. */
  constructor(max: number) {
    this.#max = max;
  }

  get isOn(): boolean {
    return this.#max > 0;
  }

  /** Keeps a message, and forgets the oldest one if there are too many. */
  keep(messageId: string, text: Buffer): void {
    if (!this.isOn) return;
    this.#messages.delete(messageId);
    this.#messages.set(messageId, text);
    if (this.#messages.size <= this.#max) return;
    for (const oldest of this.#messages.keys()) {
      this.#messages.delete(oldest);
      return;
    }
  }

  find(messageId: string): Buffer | undefined {
    return this.#messages.get(messageId);
  }
}
