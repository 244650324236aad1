import { pause } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { DamagedEvent } from "@stoa/journal";
import { Backoff } from "./backoff.ts";
import { describeFailure } from "./dead-letter.ts";
import { type EventSource, JournalChanged, type Log, type StartAt } from "./types.ts";

/** A reader without a cursor in a database. */
export interface Tail {
  /** Resolves to true once the events that there were at the start have been delivered, or to false after 3 s. */
  readonly ready: Promise<boolean>;
  /** Resolves when the signal has aborted and the last batch has been handled. */
  readonly ended: Promise<void>;
  /** Which event could not be read and what to do about it, for as long as it cannot; undefined when all can. */
  damage(): string | undefined;
}

const again = "Events could not be followed; this begins again.";
const passedOver = "It is passed over here.";

/** How many events that cannot be read are written to the log, and are looked at again. */
const mostTold = 10;
const mostLooked = 100;

/** What a tail needs. */
export interface TailOptions {
  /** RFC 3339. Events from this time on are replayed, and possibly some before it. */
  readonly since: string;
  readonly log: Log;
  /** How long `ready` may take; milliseconds, 3,000 by default. */
  readonly readyMs?: number;
  /** How often an event that could not be read is looked at again; milliseconds, 5,000 by default. */
  readonly lookMs?: number;
}

/**
 * Follows a service's events in memory: replays a window of time, then goes on for as long as the process lives, also
 * after failures. It is meant for state that is derived again at each start, such as the revocation set. An event may
 * come twice (when `onEvents` failed, or the service's database was recreated), so handling it must be idempotent.
 *
 * It is the one reader that goes on past an event that cannot be read: if it stood still there, whoever is disabled
 * afterwards would keep their tokens. `damage` says so, and that event is delivered once it can be read.
 */
export function tail(
  source: EventSource,
  { since, log, readyMs = 3_000, lookMs = 5_000 }: TailOptions,
  onEvents: (events: readonly Envelope[]) => void | Promise<void>,
  signal: AbortSignal,
): Tail {
  const backoff = new Backoff(100, 5_000);
  let start: StartAt = { since };
  const reached = Promise.withResolvers<boolean>();
  /** What could not be read, by its sequence. */
  const damaged = new Map<number, DamagedEvent>();

  const run = async () => {
    while (!signal.aborted) {
      try {
        await source.follow(start, deliver, signal, (behind) => {
          if (behind === 0) reached.resolve(true);
        });
        // `follow` ended although the signal has not aborted, because the transport was closed first.
        await backoff.wait(signal);
      } catch (error) {
        if (error instanceof DamagedEvent) {
          passOver(error);
          continue;
        }
        if (error instanceof JournalChanged) beginAnew();
        log.warn({ source: source.service, reason: describeFailure(error) }, again);
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
  const beginAnew = () => {
    start = { since };
    damaged.clear();
  };
  const passOver = (error: DamagedEvent) => {
    if (damaged.size < mostTold) log.error({ source: source.service }, `${error.message} ${passedOver} ${error.cure}`);
    if (damaged.size < mostLooked) damaged.set(error.seq, error);
    start = { after: error.seq, ...(start.journal_id ? { journal_id: start.journal_id } : {}) };
  };
  /** Delivers what could not be read, as far as it can be by now. */
  const lookAgain = async () => {
    if (looking) return;
    looking = true;
    for (const seq of [...damaged.keys()]) await lookAt(seq);
    looking = false;
  };
  const lookAt = async (seq: number) => {
    const found = new AbortController();
    const one = async (events: readonly Envelope[]) => {
      found.abort();
      await onEvents(events.slice(0, 1));
      damaged.delete(seq);
    };
    try {
      await source.follow(
        { after: seq - 1 },
        one,
        AbortSignal.any([signal, found.signal, AbortSignal.timeout(lookMs)]),
      );
    } catch (error) {
      // What cannot be read has been told; what keeps all from being read, whoever follows tells.
      if (!(error instanceof DamagedEvent)) log.warn({ source: source.service, reason: describeFailure(error) }, again);
    }
  };
  let looking = false;
  const timer = setInterval(() => void lookAgain(), lookMs);

  const ready = Promise.race([reached.promise, pause(readyMs, signal).then(() => false)]);
  const ended = run().finally(() => clearInterval(timer));
  return {
    ready,
    ended,
    damage: () => {
      const [first] = damaged.values();
      if (!first) return undefined;
      const more = damaged.size === 1 ? "" : ` There are ${damaged.size - 1} more.`;
      return `${first.message} ${passedOver}${more} ${first.cure}`;
    },
  };
}
