import type { ProjectorStatus } from "./projector.ts";
import type { Transport } from "./types.ts";

/** What an operator must know about a part of a service. */
export interface PartReason {
  /** `relay`, `projector of identity`, `events`. */
  readonly part: string;
  /** What is wrong and what to do, in a sentence or two. */
  readonly reason: string;
}

/** The state of a service's events, for its health routes. */
export interface EventsHealth {
  readonly transport: Transport["kind"];
  /** How many events the relay still has to publish or a projector to apply, whichever is more. */
  readonly lag: number;
  /** Why events do not travel as they should; empty when they do. */
  readonly reasons: readonly PartReason[];
}

/** The state of a relay. */
export interface RelayStatus {
  /** How many rows are not yet in the stream. */
  readonly lag: number;
  /** Why nothing is published. */
  readonly stopped?: string;
}

/**
 * Sums up the state of relay and projectors.
 *
 * @param others why other readers of events stand still
 */
export function healthOf(
  transport: Transport,
  projectors: readonly ProjectorStatus[],
  relay?: RelayStatus,
  others: readonly PartReason[] = [],
): EventsHealth {
  return {
    transport: transport.kind,
    // Whoever else stands still has one event before them at least.
    lag: Math.max(others.length > 0 ? 1 : 0, ...[...(relay ? [relay] : []), ...projectors].map((part) => part.lag)),
    reasons: [
      ...(transport.connected() ? [] : [{ part: "events", reason: away[transport.kind] }]),
      ...(relay?.stopped === undefined ? [] : [{ part: "relay", reason: relay.stopped }]),
      ...projectors.flatMap(reasonsOf),
      ...others,
    ],
  };
}

const away: Readonly<Record<Transport["kind"], string>> = {
  nats: "NATS cannot be reached. Events wait in the journal and are published later.",
  "in-process": "A journal cannot be read now. Its events are applied later.",
};

function reasonsOf({ source, parked, stopped }: ProjectorStatus): PartReason[] {
  const part = `projector of ${source}`;
  const waiting = `Events of ${parked} ${parked === 1 ? "aggregate" : "aggregates"} are parked; see \`bun run events status\`.`;
  return [
    ...(stopped === undefined ? [] : [{ part, reason: stopped }]),
    ...(parked === 0 ? [] : [{ part, reason: waiting }]),
  ];
}
