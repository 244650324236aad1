/** Random bytes are drawn together: a draw costs more than what it is for. */
const drawn = new Uint8Array(4_096);
let used = drawn.length;

/**
 * Random bytes of `crypto.getRandomValues`, each given once. The view is the caller's to change, and only until the next
 * call.
 *
 * @param count at most 4,096
 */
export function randomBytes(count: number): Uint8Array {
  if (used + count > drawn.length) {
    crypto.getRandomValues(drawn);
    used = 0;
  }
  used += count;
  return drawn.subarray(used - count, used);
}

/** Random bytes as hexadecimal digits, two for each. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toHex();
}
