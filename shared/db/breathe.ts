/**
 * Lets the event loop turn. A file is read and written in the same turn that asks: a loop over many rows that never
 * does this stops every request.
 *
 * @example
 * for (const batch of batches) {
 *   await db.write(effectsOf(batch));
 *   await breathe();
 * }
 */
export function breathe(): Promise<void> {
  // Workers have no setImmediate.
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else setTimeout(resolve);
  });
}
