import { Bell } from "@stoa/bus/bell";
import { JournalWatch } from "@stoa/bus/journal-watch";
import type { Log } from "@stoa/bus/types";
import { onBeat, pause } from "@stoa/db";
import type { DelivererDeps } from "./attempt.ts";
import { Deliverer } from "./deliverer.ts";
import { fanOut } from "./fan-out.ts";
import { resealSecrets } from "./reseal.ts";

/** How often it is looked for what is due; milliseconds. New events wake it. */
const EVERY_MS = 1_000;

/** The shortest time between two looks, so that a busy journal is looked at for many events at a time; milliseconds. */
const SPACING_MS = 50;

/** How long stopping waits for attempts under way; milliseconds. */
const GRACE_MS = 3_000;

/** How the deliverer of a process works. */
export interface StartOptions {
  readonly log: Log;
  readonly everyMs?: number;
  readonly graceMs?: number;
}

/**
 * Sends events to webhooks for as long as the process lives. A failure is logged, and the next turn tries again.
 *
 * @returns stops it: attempts under way have three seconds to end, and are made again by whoever comes next otherwise
 */
export function startWebhooks(
  deps: DelivererDeps,
  { log, everyMs = EVERY_MS, graceMs = GRACE_MS }: StartOptions,
): () => Promise<void> {
  const stopping = new AbortController();
  const cut = new AbortController();
  const bell = new Bell();
  const warn = (error: unknown) =>
    log.warn({ work: "webhooks", err: error }, "Events are not sent to webhooks; it is tried again.");
  const deliverer = new Deliverer(deps, { signal: cut.signal, ended: bell.ring, failed: warn });
  const deaf = JournalWatch.of(deps.db).wake(bell);
  const still = onBeat(everyMs, bell.ring);
  const run = async () => {
    await resealSecrets(deps).catch(warn);
    while (!stopping.signal.aborted) {
      try {
        while (await fanOut(deps));
        await deliverer.turn();
      } catch (error) {
        warn(error);
      }
      const looked = performance.now();
      await bell.wait(undefined, stopping.signal);
      const early = looked + SPACING_MS - performance.now();
      if (early > 0) await pause(early, stopping.signal);
    }
  };
  const running = run();
  return async () => {
    deaf();
    still();
    stopping.abort();
    await running;
    const ended = new AbortController();
    await Promise.race([deliverer.idle(), pause(graceMs, ended.signal)]);
    ended.abort();
    cut.abort();
    await deliverer.idle();
  };
}
