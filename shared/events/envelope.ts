import type { EventData, EventName } from "./catalogue.ts";
import type { ServiceName } from "./services.ts";

/**
 * The envelope of a domain event: CloudEvents 1.0, structured JSON mode, with Stoa's extension attributes.
 * `sequence` is the journal's `seq`, equal to the stream sequence. `journalid` changes when the database is recreated,
 * so that consumers notice.
 *
 * Source: CloudEvents 1.0.2, sections 2.4 and 3.
 */
export interface Envelope<N extends EventName = EventName> {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: `/${ServiceName}`;
  readonly type: `stoa.${ServiceName}.${N}.v1`;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly sequence: number;
  readonly journalid: string;
  readonly actorid: string | null;
  readonly requestid: string | null;
  readonly traceparent: string | null;
  readonly data: EventData<N>;
}

/** Who and what caused a change: recorded with every journal row, and in part in every event. */
export interface Cause {
  /** The user who acted; null for the system and for anonymous requests. */
  readonly actor_id: string | null;
  /** The session that acted, if any. */
  readonly session_id: string | null;
  readonly request_id: string | null;
  /** W3C trace context. */
  readonly traceparent: string | null;
  /** Address and device of the client: the journal keeps them for the audit trail, and the event never carries them. */
  readonly ip_address: string | null;
  readonly device_info: string | null;
}

/** The cause of what a service does by itself. */
export const system: Cause = {
  actor_id: null,
  session_id: null,
  request_id: null,
  traceparent: null,
  ip_address: null,
  device_info: null,
};

/** `evt.projects.task.completed`: the NATS subject of an event. */
export function subjectOf(service: ServiceName, name: EventName): string {
  return `evt.${service}.${name}`;
}

/** The event's name in an envelope's type: `stoa.projects.task.completed.v1` → `task.completed`. */
export function nameOf({ source, type }: Envelope): EventName {
  // It is asked for several times for each event. What stands before it is `stoa`, the source and a dot.
  return type.slice("stoa".length + source.length + 1, type.lastIndexOf(".")) as EventName;
}

/** The service in an envelope's source: `/projects` → `projects`. */
export function serviceOf(envelope: Envelope): ServiceName {
  return envelope.source.slice(1) as ServiceName;
}
