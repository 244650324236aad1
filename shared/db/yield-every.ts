/**
 * Yields to the event loop after so many calls, for loops over many rows. The native driver frees its statements only
 * then, and until then nothing else is served.
 *
 * @param calls how many calls pass between two pauses; 50 by default
 * @example
 * const pauseNowAndThen = yieldEvery();
 * for (const row of rows) {
 *   await db.write(effectsOf(row));
 *   await pauseNowAndThen();
 * }
 */
export function yieldEvery(calls = 50): () => Promise<void> {
  let count = 0;
  return async () => {
    count += 1;
    if (count % calls === 0) await new Promise((resolve) => setTimeout(resolve));
  };
}
