/** Milliseconds that running requests get to finish once a process was asked to stop. */
export const GRACE_MS = 10_000;

/**
 * Runs `stop` at the first SIGTERM or SIGINT, then exits: 0, or 1 when stopping failed. Further signals change
 * nothing: a supervisor and a terminal often send two, and the second is not a wish to lose what runs.
 */
export function stopOnSignal(stop: () => Promise<void>, failed: (error: unknown) => void): void {
  let stopping = false;
  const begin = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        failed(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", begin);
  process.on("SIGINT", begin);
}
