import { LRUCache } from "lru-cache";

/**
 * A map that forgets what was used longest ago. It takes memory for the entries that it has; `max` of the library would take
 * it for all that it may have, 6 MiB in a process that rests.
 *
 * @param most how many entries there are at most
 */
export function recentMap<V extends NonNullable<unknown>>(most: number): LRUCache<string, V> {
  return new LRUCache<string, V>({ maxSize: most, sizeCalculation: () => 1 });
}
