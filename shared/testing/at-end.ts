const cleanups = new Set<() => void>();

/**
 * Runs a cleanup when all tests are over or the process ends. It is for what no test disposes of, because several tests
 * share it or because a test failed. `bun test` ends without the event `exit`, so its preload calls {@link endAll}.
 *
 * @returns a function that cancels the cleanup
 */
export function atEnd(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

/** Runs all cleanups, once. */
export function endAll(): void {
  for (const cleanup of cleanups) cleanup();
  cleanups.clear();
}

process.on("exit", endAll);
