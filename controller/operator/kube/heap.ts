/** A binary heap: the item that `isBefore` all others comes out first. */
export class Heap<T> {
  readonly #isBefore: (one: T, other: T) => boolean;
  readonly #items: T[] = [];

  constructor(isBefore: (one: T, other: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Throws away everything that `isWanted` does not want. */
  retain(isWanted: (item: T) => boolean): void {
    const kept = this.#items.filter(isWanted);
    this.#items.length = 0;
    for (const item of kept) this.push(item);
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    let index = this.#items.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return first;
    this.#items[0] = last;
    for (let index = 0; ;) {
      const child = this.#firstChild(index);
      if (child === undefined || !this.#swapIfBefore(child, index)) return first;
      index = child;
    }
  }

  #firstChild(index: number): number | undefined {
    const [left, right] = [2 * index + 1, 2 * index + 2];
    const leftItem = this.#items[left];
    const rightItem = this.#items[right];
    if (leftItem === undefined) return undefined;
    return rightItem !== undefined && this.#isBefore(rightItem, leftItem) ? right : left;
  }

  #swapIfBefore(one: number, other: number): boolean {
    const oneItem = this.#items[one];
    const otherItem = this.#items[other];
    if (oneItem === undefined || otherItem === undefined || !this.#isBefore(oneItem, otherItem)) return false;
    this.#items[one] = otherItem;
    this.#items[other] = oneItem;
    return true;
  }
}
