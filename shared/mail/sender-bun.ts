import { nextBeat, pause } from "@stoa/db";
import { type SenderDeps, sendMails } from "./send.ts";

/** How often the queue is read; milliseconds. */
const EVERY_MS = 1_000;

/** How long stopping waits for the deliveries under way: a mail server may take longer to give up. */
const GRACE_MS = 5_000;

/** How the sender of a process works. */
export interface SenderOptions {
  readonly everyMs?: number;
  readonly graceMs?: number;
  /** Called after each turn, when no mail of this process is being delivered. */
  readonly afterwards?: () => Promise<void>;
}

/**
 * Sends the mails that wait, for as long as the process lives. A failure is logged, and the next turn tries again.
 *
 * @returns stops it; resolves when the deliveries under way have ended, or after five seconds without them: the next
 *   sender delivers those again
 */
export function startSender(deps: SenderDeps, options: SenderOptions = {}): () => Promise<void> {
  const { everyMs = EVERY_MS, graceMs = GRACE_MS, afterwards } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = async () => {
    while (!signal.aborted) {
      try {
        await sendMails(deps, signal);
        await afterwards?.();
      } catch (error) {
        deps.log.warn({ work: "mail", err: error }, "Periodic work failed.");
      }
      await nextBeat(everyMs, signal);
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
