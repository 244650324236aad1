import { pause } from "@stoa/bus/pause";
import { type SenderDeps, sendMails } from "./send-mails.ts";

/** How often the queue is looked at; milliseconds. */
const EVERY_MS = 1_000;

/** How long the way to stop waits for the deliveries under way: a mail server may take longer to give up. */
const GRACE_MS = 5_000;

/**
 * Sends what waits, for as long as the process lives. A failure is logged and the next turn goes on.
 *
 * @returns the way to stop; resolves when the deliveries under way have ended, or after a while without them: whoever
 *   sends next takes over
 */
export function startSender(deps: SenderDeps, { everyMs = EVERY_MS, graceMs = GRACE_MS } = {}): () => Promise<void> {
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
  return async () => {
    stopping.abort();
    const ended = new AbortController();
    await Promise.race([running, pause(graceMs, ended.signal)]);
    ended.abort();
  };
}
