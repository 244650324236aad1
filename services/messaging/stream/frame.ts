import type { CarriedEvent, Format } from "./carrier.ts";

const encoder = new TextEncoder();
const alive = encoder.encode(": alive\n\n");

/** Server-sent events. Source: HTML Living Standard, section 9.2.5 (parsing an event stream). */
export const eventStream = {
  event({ id, event, data }: CarriedEvent): Uint8Array {
    return encoder.encode(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`);
  },
  /** A comment; with a position it also moves the client's `Last-Event-ID`. */
  heartbeat(id?: string): Uint8Array {
    return id === undefined ? alive : encoder.encode(`: alive\nid: ${id}\n\n`);
  },
  retry(milliseconds: number): Uint8Array {
    return encoder.encode(`retry: ${milliseconds}\n\n`);
  },
} satisfies Format;
