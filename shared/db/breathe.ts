/**
 * Lets the event loop turn. The file driver works synchronously and frees statements only then (architecture §6): a
 * loop over many rows that never does this stops every request and grows without end.
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
