/**
 * Yields to the event loop. The file driver works synchronously and frees statements only then, so a loop over many rows
 * that never yields blocks every request and uses more and more memory.
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
