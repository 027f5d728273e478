interface Call<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Calls made in the same turn, or while the ones before are under way, go out together: a script that is asked for many costs less than many scripts.
 * Nobody waits for others to come: a single call goes out at once, and so does what fills a batch, so that client and server work at the same time.
 */
export class Batcher<Item, Answer> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #most: number;
  #waiting: Call<Item, Answer>[] = [];
  #underWay = 0;
  #isSending = false;

  /** run: answers for all items, in their order. most: items that go out together. */
  constructor(run: (items: readonly Item[]) => Promise<readonly Answer[]>, most: number) {
    this.#run = run;
    this.#most = most;
  }

  /** Answers for one item; rejects when its batch does. */
  call(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#sendSoon();
    });
  }

  #sendSoon(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    queueMicrotask(() => this.#send());
  }

  #send(): void {
    this.#isSending = false;
    while (this.#waiting.length >= this.#most || (this.#underWay === 0 && this.#waiting.length > 0)) {
      void this.#runOne(this.#waiting.splice(0, this.#most));
    }
  }

  async #runOne(calls: readonly Call<Item, Answer>[]): Promise<void> {
    this.#underWay += 1;
    try {
      const answers = await this.#run(calls.map(({ item }) => item));
      if (answers.length !== calls.length)
        throw new Error(`${answers.length} answers for ${calls.length} calls`);
      calls.forEach((call, index) => call.resolve(answers[index] as Answer));
    } catch (error) {
      for (const call of calls) call.reject(error);
    } finally {
      this.#underWay -= 1;
      this.#sendSoon();
    }
  }
}

/** Batchers by name, each made when it is first needed. */
export class Batchers<Item, Answer> {
  readonly #make: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #most: number;
  readonly #byName = new Map<string, Batcher<Item, Answer>>();

  constructor(run: (items: readonly Item[]) => Promise<readonly Answer[]>, most: number) {
    this.#make = run;
    this.#most = most;
  }

  /** Answers for one item, together with others of the same name. */
  call(name: string, item: Item): Promise<Answer> {
    const batcher = this.#byName.get(name) ?? new Batcher(this.#make, this.#most);
    this.#byName.set(name, batcher);
    return batcher.call(item);
  }
}
