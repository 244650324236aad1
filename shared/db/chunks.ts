/**
 * Items in chunks, in their order. A chunk has the first of the sizes that fits what is left; what none of them fits is the
 * last chunk. Statements are made of chunks where an unlimited number of values would be too many, or would be a text of its
 * own for each number.
 *
 * @param sizes the largest first
 * @example chunks([1, 2, 3], 2) // [[1, 2], [3]]
 * @example chunks([1, 2, 3, 4, 5, 6], 4, 1) // [[1, 2, 3, 4], [5], [6]]
 */
export function chunks<T>(items: readonly T[], ...sizes: readonly [number, ...number[]]): T[][] {
  const found: T[][] = [];
  for (let at = 0; at < items.length; at += found.at(-1)?.length ?? 1) {
    const left = items.length - at;
    found.push(items.slice(at, at + (sizes.find((size) => size <= left) ?? left)));
  }
  return found;
}
