import type { Sql } from "@stoa/db";
import type { Envelope, EventName, ServiceName } from "@stoa/events";

/** Where to begin reading a service's events: after a sequence, or at a time (RFC 3339). */
export type StartAt = { readonly after: number } | { readonly since: string };

/** Another service's events, in order, as this process can get them. */
export interface EventSource {
  readonly service: ServiceName;
  /**
   * Delivers events in batches, in order, until the signal aborts; the next batch waits for the promise of the last.
   * A lost connection is mended inside and never skips: delivery goes on after the last batch whose promise
   * resolved. A rejection of `deliver` ends the call with that error.
   */
  follow(start: StartAt, deliver: (batch: readonly Envelope[]) => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** How events travel. */
export interface Transport {
  readonly kind: "in-process" | "nats";
  source(service: ServiceName): EventSource;
  /** False while events cannot be read or published; readiness says `degraded` then. */
  connected(): boolean;
  close(): Promise<void>;
}

/**
 * What a service does with an event of another. Handlers return statements and read nothing, so that up to 100
 * events go into one batch.
 *
 * - `projection`: may be emptied and rebuilt from the first event.
 * - `reaction`: a command of its own, once per event, with ids derived from it (`derivedId`); never rebuilt.
 */
export interface Handler<N extends EventName = EventName> {
  readonly kind: "projection" | "reaction";
  readonly event: N;
  readonly apply: (event: Envelope<N>) => readonly Sql[];
}

/** Declares a handler with its event's type. */
export function on<N extends EventName>(
  kind: Handler["kind"],
  event: N,
  apply: (event: Envelope<N>) => readonly Sql[],
): Handler {
  return { kind, event, apply: apply as Handler["apply"] };
}
