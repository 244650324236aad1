import { type Database, onBeat } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { Applier, OutOfStep } from "./applier.ts";
import { Backoff } from "./backoff.ts";
import { describeFailure } from "./dead-letter.ts";
import type { Position } from "./position.ts";
import { stopLine } from "./stop-line.ts";
import { type EventSource, type Handler, JournalChanged, type Log } from "./types.ts";

/** The state of a projector. */
export interface ProjectorStatus {
  readonly source: ServiceName;
  /** The last sequence applied. */
  readonly seq: number;
  /** How many known events are not applied yet. */
  readonly lag: number;
  /** How many aggregates have parked events. */
  readonly parked: number;
  /** Why events are not applied, and what to do about it. */
  readonly stopped?: string;
}

/** Applies one service's events to another's database, for as long as the process lives. */
export interface Projector {
  status(): ProjectorStatus;
  /** Calls back after events were applied, here or by another instance. Returns the function that unsubscribes. */
  onApplied(listener: () => void): () => void;
  stop(): Promise<void>;
}

/** What a projector needs. */
export interface ProjectorOptions {
  /** The service that applies the events, for messages to the operator. */
  readonly service: ServiceName;
  readonly db: Database;
  readonly source: EventSource;
  /** Handlers of this source's events. */
  readonly handlers: readonly Handler[];
  readonly log: Log;
}

/** How often a projector reads its cursor, which a rebuild may have set back while no event comes; milliseconds. */
const lookMs = 1_500;

/** Starts applying events. It never throws: `status()` and the log say what goes wrong, and it tries again. */
export function startProjector({ service, db, source, handlers, log }: ProjectorOptions): Projector {
  const stopping = new AbortController();
  const { signal } = stopping;
  const listeners = new Set<() => void>();
  const backoff = new Backoff(250, 5_000);
  let seq = 0;
  let lag = 0;
  let parked = 0;
  let stopped: string | undefined;
  /** Where the cursor is, and where it was when it stopped. */
  let place = "";
  let stoppedAt = "";
  let missing: number | undefined;

  const applier = new Applier({
    db,
    source: source.service,
    handlers,
    log,
    signal,
    moved: (position) => {
      seq = position.seq;
      place = placeOf(position);
      parked = position.parked.size;
      for (const listener of listeners) listener();
    },
  });

  const running = run();
  return {
    status: () => {
      const reason = stopped ?? applier.away;
      return { source: source.service, seq, lag, parked, ...(reason === undefined ? {} : { stopped: reason }) };
    },
    onApplied: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => {
      stopping.abort();
      return running;
    },
  };

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        const position = await applier.refresh();
        if (!position) return;
        const { seq: after, event_id, journal_id } = position;
        // Somebody has moved the cursor, and whether events can be applied from there is not known yet.
        place = placeOf(position);
        if (place !== stoppedAt) stopped = undefined;
        const { until, end } = untilSetBack();
        try {
          await source.follow({ after, event_id, journal_id }, deliver, until, (events) => {
            lag = events;
          });
        } finally {
          end();
        }
        // `follow` ended although nobody stopped it, because the transport was closed first.
        if (!until.aborted) await backoff.wait(signal);
      } catch (error) {
        await recover(error);
      }
    }
  }

  /** A signal that aborts when the cursor was set back, or when the projector stops. */
  function untilSetBack(): { readonly until: AbortSignal; end(): void } {
    const again = new AbortController();
    let looking = false;
    const look = async () => {
      if (looking) return;
      looking = true;
      if (await applier.wasSetBack()) again.abort();
      looking = false;
    };
    const end = onBeat(lookMs, () => void look());
    return { until: AbortSignal.any([signal, again.signal]), end };
  }

  async function deliver(batch: Parameters<typeof applier.apply>[0]): Promise<boolean> {
    lag = Math.max(lag, batch.length);
    const effects = await applier.apply(batch);
    backoff.reset();
    stopped = undefined;
    missing = undefined;
    return effects;
  }

  async function recover(error: unknown): Promise<void> {
    if (error instanceof OutOfStep && error.expected !== missing) {
      missing = error.expected;
      return;
    }
    const reason = reasonOf(error);
    if (reason !== stopped) log.error({ service, source: source.service }, reason);
    stopped = reason;
    stoppedAt = place;
    await backoff.wait(signal);
  }

  function reasonOf(error: unknown): string {
    if (error instanceof JournalChanged) return stopLine(service, source.service, error);
    if (error instanceof OutOfStep) {
      return `Event ${error.expected} of ${source.service} is missing; make its stream again with \`bun run events rebuild --stream ${source.service}\`.`;
    }
    return `Events of ${source.service} cannot be followed: ${describeFailure(error)}.`;
  }
}

const placeOf = ({ journal_id, seq }: Position) => `${journal_id} ${seq}`;
