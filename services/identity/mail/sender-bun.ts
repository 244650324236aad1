import { pause } from "@stoa/bus/pause";
import { type SenderDeps, sendMails } from "./send-mails.ts";

/** How often the queue is looked at; milliseconds. */
const EVERY_MS = 1_000;

/**
 * Sends what waits, for as long as the process lives. A failure is logged and the next turn goes on.
 *
 * @returns the way to stop; resolves when the deliveries under way have ended
 */
export function startSender(deps: SenderDeps, everyMs = EVERY_MS): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async () => {
    while (!signal.aborted) {
      await sendMails(deps, signal).catch((error: unknown) => {
        deps.log.warn({ work: "mail", err: error }, "Periodic work failed.");
      });
      await pause(everyMs, signal);
    }
  };
  const running = run();
  return () => {
    stopping.abort();
    return running;
  };
}
