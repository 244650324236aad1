import type { Envelope, ServiceName } from "@stoa/events";
import { DamagedEvent, type EventFault, eventFault } from "@stoa/journal";

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The event that a message of a service's stream carries.
 *
 * @throws DamagedEvent when it carries none, or another than the one of its sequence
 */
export function eventIn(service: ServiceName, seq: number, payload: Uint8Array): Envelope {
  const event = parsed(payload);
  const fields = fieldsOf(event);
  const name = /^stoa\.\w+\.([\w.]+)\.v\d+$/.exec(String(fields["type"]))?.[1];
  const fault = faultOf(service, seq, fields, name);
  if (!fault) return event as Envelope;
  throw new DamagedEvent({ service, seq, in: "stream", event_id: fields["id"], type: name ?? fields["type"] }, fault);
}

/** Undefined for what is no JSON, which never stands for it. */
function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(payload));
  } catch {
    // It is no UTF-8, or no JSON.
    return undefined;
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

function faultOf(
  service: ServiceName,
  seq: number,
  event: Readonly<Record<string, unknown>>,
  name: string | undefined,
): EventFault | undefined {
  const { id, type, subject, time, data, source, specversion, sequence, journalid } = event;
  if (Object.keys(event).length === 0) return { what: "it is no JSON of an event" };
  if (sequence !== seq) return { what: "it says that it is another event" };
  if (source !== `/${service}`) return { what: "it says that it is of another service" };
  if (typeof journalid !== "string" || journalid === "") return { what: "it does not say of which journal it is" };
  if (specversion !== "1.0" || (name !== undefined && type !== `stoa.${service}.${name}.v1`)) {
    return { what: "this version of Stoa does not know its version", newer: true };
  }
  return eventFault(service, { id, name, subject, time, data });
}
