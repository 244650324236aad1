import type { Logger } from "@stoa/http";

/**
 * Does a bounded piece of work again and again, one at a time. A failure is logged and the next turn tries again.
 *
 * @returns the way to stop; resolves when the turn under way is done
 */
export function periodically(
  everyMs: number,
  what: string,
  work: () => Promise<void>,
  log: Logger,
): () => Promise<void> {
  let turn = Promise.resolve();
  const timer = setInterval(() => {
    turn = turn.then(work).catch((error: unknown) => log.warn({ work: what, err: error }, "Periodic work failed."));
  }, everyMs);
  return () => {
    clearInterval(timer);
    return turn;
  };
}
