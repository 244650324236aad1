import type { Envelope } from "@stoa/events";
import { describeFailure } from "./dead-letter.ts";
import { Backoff, pause } from "./pause.ts";
import { type EventSource, JournalChanged, type Log, type StartAt } from "./types.ts";

/** A reader without a cursor in a database. */
export interface Tail {
  /** Resolves when what there was at the start has been seen, or after 3 s: true or false. */
  readonly ready: Promise<boolean>;
  /** Resolves when the signal has aborted and the last batch is done. */
  readonly ended: Promise<void>;
}

/** What a tail needs. */
export interface TailOptions {
  /** RFC 3339: replays events from here on, and possibly some before. */
  readonly since: string;
  readonly log: Log;
  /** How long `ready` may take; milliseconds, 3,000 unless given. */
  readonly readyMs?: number;
}

/**
 * Follows a service's events in memory: replays a window of time, then goes on for as long as the process lives, also
 * after failures. For what is derived anew at each start, such as the revocation set. An event may come twice (when
 * `onEvents` failed, or the service's database was made anew): taking it must be idempotent.
 */
export function tail(
  source: EventSource,
  { since, log, readyMs = 3_000 }: TailOptions,
  onEvents: (events: readonly Envelope[]) => void | Promise<void>,
  signal: AbortSignal,
): Tail {
  const backoff = new Backoff(100, 5_000);
  let start: StartAt = { since };
  const reached = Promise.withResolvers<boolean>();

  const run = async () => {
    while (!signal.aborted) {
      try {
        await source.follow(start, deliver, signal, (behind) => {
          if (behind === 0) reached.resolve(true);
        });
        await backoff.wait(signal); // ended without being told to: the transport was closed first
      } catch (error) {
        if (error instanceof JournalChanged) start = { since };
        log.warn(
          { source: source.service, reason: describeFailure(error) },
          "A tail of events broke; it begins again.",
        );
        await backoff.wait(signal);
      }
    }
  };
  const deliver = async (events: readonly Envelope[]) => {
    await onEvents(events);
    backoff.reset();
    const last = events.at(-1);
    if (last) start = { after: last.sequence, journal_id: last.journalid };
  };
  const ready = Promise.race([reached.promise, pause(readyMs, signal).then(() => false)]);
  return { ready, ended: run() };
}
