/**
 * For loops over many rows: lets the event loop run after so many calls. A file is read in the same turn that asks, so
 * nothing else would be served meanwhile.
 *
 * @param calls how many pass between two pauses; 50 unless given.
 * @example
 * const breathe = yieldEvery();
 * for (const row of rows) {
 *   await db.write(effectsOf(row));
 *   await breathe();
 * }
 */
export function yieldEvery(calls = 50): () => Promise<void> {
  let count = 0;
  return async () => {
    count += 1;
    if (count % calls === 0) await new Promise((resolve) => setTimeout(resolve));
  };
}
