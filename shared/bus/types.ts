import type { Sql } from "@stoa/db";
import { type Envelope, type EventName, eventCatalogue, type ServiceName, services } from "@stoa/events";
import type { Table } from "drizzle-orm";

/**
 * Where to begin reading a service's events: after a sequence, or at a time (RFC 3339; some events from before it may
 * come too). `journal_id` is the journal that the reader has followed so far, if any, and `event_id` the event that it
 * has read at sequence `after`: null when it does not know which, and absent when it has not read that one.
 */
export type StartAt =
  | { readonly after: number; readonly event_id?: string | null; readonly journal_id?: string | null }
  | { readonly since: string; readonly journal_id?: string | null };

/**
 * Receives events in order. The next batch is delivered when the promise has resolved. When it resolves to `false`, nothing
 * came of the events, and the source may let more of them come together before it delivers again.
 */
export type Deliver = (batch: readonly Envelope[]) => Promise<unknown>;

/** The events of another service, in order. */
export interface EventSource {
  readonly service: ServiceName;
  /**
   * Delivers events in batches of at most 100, in order and without gaps, until the signal aborts; then it resolves.
   * A lost connection is opened again and no event is skipped: delivery goes on after the last batch whose promise
   * resolved. When `deliver` rejects, the call rejects with that error. The source compares the event before the first
   * one that it delivers with `start`, at the start and again while it runs.
   *
   * @param behind is called with how many more events there are to deliver, whenever that is known; 0 means none. `same`:
   * whether the source has the event before them
   * @throws JournalChanged when the events are not those that the reader has followed so far
   * @throws DamagedEvent at an event that cannot be read, or is missing; those before it have been delivered
   */
  follow(start: StartAt, deliver: Deliver, signal: AbortSignal, behind?: Behind): Promise<void>;
}

/** How many events there are to deliver, and whether they are known to follow those that were delivered. */
export type Behind = (events: number, same: boolean) => void;

/**
 * The events of a service are not those that were followed so far, because its database was recreated or restored from a
 * backup. Whoever went on would skip every event up to where it was before.
 */
export class JournalChanged extends Error {
  override readonly name = "JournalChanged";

  private constructor(
    message: string,
    /** Whether the journal has a new id; otherwise it is the same journal, restored. */
    readonly recreated: boolean,
  ) {
    super(message);
  }

  /** The events come from another journal. */
  static anotherJournal(service: ServiceName, followed: string, found: string): JournalChanged {
    return new JournalChanged(
      `The events of ${service} come from journal ${found}, those before from ${followed}.`,
      true,
    );
  }

  /** The journal, or the stream, carries another event at a sequence than the one that was read there. */
  static anotherEvent(service: ServiceName, sequence: number): JournalChanged {
    return new JournalChanged(`Event ${sequence} of ${service} is not the one that was applied.`, false);
  }

  /** The journal, or the stream, ends before a sequence that was read. */
  static ended(service: ServiceName, end: number, after: number): JournalChanged {
    return new JournalChanged(`The events of ${service} end at ${end}, but event ${after} was applied.`, false);
  }
}

/** Messages between the instances of a service that are not stored and may be lost. */
export interface Channel {
  send(message: unknown): void;
  /** Calls back with each message, one's own too. Returns the function that unsubscribes. */
  onMessage(listener: (message: unknown) => void): () => void;
}

/** How events travel between services. */
export interface Transport {
  readonly kind: "in-process" | "nats";
  source(service: ServiceName): EventSource;
  /** False while events cannot be read or published; readiness is `degraded` then. */
  connected(): boolean;
  close(): Promise<void>;
}

/**
 * What a service does when another service's event arrives. Handlers return statements and read nothing, so that up to
 * 100 events go into one batch.
 *
 * - `projection`: may be built again from the first event, and applied again on top of the events that followed: what an
 *   event says of a row must be there however often it is applied.
 * - `reaction`: a command of its own, once per event, with ids derived from it (`derivedId`); never rebuilt.
 */
export interface Handler<N extends EventName = EventName> {
  readonly kind: "projection" | "reaction";
  readonly event: N;
  readonly apply: (event: Envelope<N>) => readonly Sql[];
}

/** Declares a handler whose event has its type. */
export function on<N extends EventName>(
  kind: Handler["kind"],
  event: N,
  apply: (event: Envelope<N>) => readonly Sql[],
): Handler {
  return { kind, event, apply: apply as Handler["apply"] };
}

/** A table that only projections fill, so that it may be emptied and filled again from the first event. */
export interface Projection {
  readonly table: Table;
  /** What the rows are, in a few words for the operator. */
  readonly holds: string;
  /**
   * Whether a rebuild keeps the rows and applies the events on top, because the table must not be empty for a moment. Its
   * handlers must not let an old event overwrite a newer row, and stale rows must go by themselves.
   */
  readonly kept?: true;
}

/** The services whose events these handlers handle. */
export function sourcesOf(handlers: readonly Handler[]): ServiceName[] {
  return [...new Set(handlers.map((handler) => sourceOf(handler.event)))];
}

/** The service whose journal has events of this name. */
export function sourceOf(event: EventName): ServiceName {
  const service = services.find((name) => event in eventCatalogue[name]);
  if (!service) throw new TypeError(`No service has an event ${event}.`);
  return service;
}

/** Where the bus logs what an operator should know. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
