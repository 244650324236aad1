import { onBeat } from "@stoa/db";
import type { Logger } from "@stoa/http";

/**
 * Repeats a bounded piece of work at an interval, never two at a time: a turn that lasts longer takes the place of those
 * that would begin meanwhile. A failure is logged, and the next turn tries again.
 *
 * @returns a function that stops it, and resolves when the turn under way is done
 */
export function periodically(
  everyMs: number,
  what: string,
  work: () => Promise<void>,
  log: Pick<Logger, "warn">,
): () => Promise<void> {
  let turn: Promise<void> | undefined;
  const run = async () => {
    try {
      await work();
    } catch (error) {
      log.warn({ work: what, err: error }, "Periodic work failed.");
    }
  };
  const stop = onBeat(everyMs, () => {
    turn ??= run().finally(() => {
      turn = undefined;
    });
  });
  return async () => {
    stop();
    await turn;
  };
}
