/** A source of random numbers that are the same for the same seed. */
export interface Random {
  readonly seed: number;
  /** A number from 0 up to, but not including, 1. */
  next(): number;
  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number;
  /** One of the items, which must not be empty. */
  pick<T>(items: readonly T[]): T;
}

/** mulberry32, which is small, fast and good enough to choose faults. Source: Tommy Ettinger, public domain, 2017. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { seed, next, below, pick: (items) => items[below(items.length)] as (typeof items)[number] };
}
