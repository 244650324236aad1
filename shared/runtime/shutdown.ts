/** How long running requests may go on once the process was asked to stop; milliseconds. */
export const GRACE_MS = 10_000;

/**
 * Runs `stop` at the first SIGTERM or SIGINT, then exits with 0, or with 1 when stopping failed. Further signals change
 * nothing, because a supervisor and a terminal often send two, and the second does not mean to abort running requests.
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
