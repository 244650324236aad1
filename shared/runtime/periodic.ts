import { onBeat } from "@stoa/db";
import type { Logger } from "@stoa/http";

/**
 * Repeats a bounded piece of work at an interval, never two at a time. A failure is logged, and the next turn tries
 * again.
 *
 * @returns a function that stops it, and resolves when the turn under way is done
 */
export function periodically(
  everyMs: number,
  what: string,
  work: () => Promise<void>,
  log: Pick<Logger, "warn">,
): () => Promise<void> {
  let turn = Promise.resolve();
  const stop = onBeat(everyMs, () => {
    turn = turn.then(work).catch((error: unknown) => log.warn({ work: what, err: error }, "Periodic work failed."));
  });
  return () => {
    stop();
    return turn;
  };
}
