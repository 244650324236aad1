/**
 * A map that forgets what was used longest ago. It takes memory for what it holds, and not for what it may hold, and a read
 * costs little more than one of a `Map`: there is no order of use to be kept. Instead there are two generations. What is used is
 * in the younger one or moves there; when that is half of the size, it becomes the older one, whose entries are forgotten.
 */
export class RecentMap<K, V extends NonNullable<unknown>> {
  readonly #half: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  /** @param most how many entries there are at most; the half of them that was used last is always there */
  constructor(most: number) {
    this.#half = Math.ceil(most / 2);
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
