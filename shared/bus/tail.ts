import { pause } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { Backoff } from "./backoff.ts";
import { describeFailure } from "./dead-letter.ts";
import { type EventSource, JournalChanged, type Log, type StartAt } from "./types.ts";

/** A reader without a cursor in a database. */
export interface Tail {
  /** Resolves to true once the events that there were at the start have been delivered, or to false after 3 s. */
  readonly ready: Promise<boolean>;
  /** Resolves when the signal has aborted and the last batch has been handled. */
  readonly ended: Promise<void>;
}

/** What a tail needs. */
export interface TailOptions {
  /** RFC 3339. Events from this time on are replayed, and possibly some before it. */
  readonly since: string;
  readonly log: Log;
  /** How long `ready` may take; milliseconds, 3,000 by default. */
  readonly readyMs?: number;
}

/**
 * Follows a service's events in memory: replays a window of time, then goes on for as long as the process lives, also
 * after failures. It is meant for state that is derived again at each start, such as the revocation set. An event may
 * come twice (when `onEvents` failed, or the service's database was recreated), so handling it must be idempotent.
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
        // `follow` ended although the signal has not aborted, because the transport was closed first.
        await backoff.wait(signal);
      } catch (error) {
        if (error instanceof JournalChanged) start = { since };
        log.warn(
          { source: source.service, reason: describeFailure(error) },
          "Events could not be followed; this begins again.",
        );
        await backoff.wait(signal);
      }
    }
  };
  const deliver = async (events: readonly Envelope[]) => {
    await onEvents(events);
    backoff.reset();
    const last = events.at(-1);
    if (last) start = { after: last.sequence, event_id: last.id, journal_id: last.journalid };
  };
  const ready = Promise.race([reached.promise, pause(readyMs, signal).then(() => false)]);
  return { ready, ended: run() };
}
