const encoder = new TextEncoder();

/** One server-sent event. */
export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  /** JSON, in one line. */
  readonly data: string;
}

/**
 * An event as it goes over the wire.
 *
 * Source: HTML Living Standard, section 9.2.5 (parsing an event stream).
 */
export function eventFrame({ id, event, data }: ServerSentEvent): Uint8Array {
  return encoder.encode(`id: ${id}\nevent: ${event}\ndata: ${data}\n\n`);
}

/** The first bytes: how soon to come back when the connection is cut, in milliseconds. */
export function retryFrame(milliseconds: number): Uint8Array {
  return encoder.encode(`retry: ${milliseconds}\n\n`);
}

/**
 * A sign of life: a comment. With a position it also moves the client's `Last-Event-ID`, without an event: for
 * whoever has had nothing for so long that their position would be too old to resume.
 */
export function heartbeatFrame(id?: string): Uint8Array {
  return encoder.encode(id === undefined ? ": alive\n\n" : `: alive\nid: ${id}\n\n`);
}
