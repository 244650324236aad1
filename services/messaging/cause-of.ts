import { type Cause, type Envelope, system } from "@stoa/events";

/** The cause of a reaction to an event: the user who caused that event. */
export function causeOf(event: Envelope): Cause {
  return { ...system, actor_id: event.actorid, request_id: event.requestid, traceparent: event.traceparent };
}
