import type { ServiceName } from "@stoa/events";
import { eventData, type JournalRow } from "@stoa/journal";

/** What of an event goes to a receiver. */
export type SentEvent = Pick<JournalRow, "seq" | "event_id" | "type" | "aggregate_id" | "actor_id" | "time" | "data">;

/**
 * The body of a delivery: the public part of an event's envelope. It is the same text in each attempt. People stand in it
 * by id; `sequence` orders what arrives in another order.
 *
 * @throws DamagedEvent
 */
export function payloadOf(service: ServiceName, event: SentEvent): string {
  const { seq, event_id, type, aggregate_id, actor_id, time } = event;
  return JSON.stringify({
    id: event_id,
    type,
    timestamp: time,
    source: `/${service}`,
    subject: aggregate_id,
    sequence: seq,
    actor_id,
    data: eventData(service, event),
  });
}
