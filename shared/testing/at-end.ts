const cleanups = new Set<() => void>();

/**
 * Runs something when the tests are over, or the process ends: for what no test disposes of, because several share it
 * or because it failed. `bun test` ends without the event `exit`, so its preload calls {@link endAll}.
 *
 * @returns the way to call it off.
 */
export function atEnd(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

/** Runs all that was left for the end, once. */
export function endAll(): void {
  for (const cleanup of cleanups) cleanup();
  cleanups.clear();
}

process.on("exit", endAll);
