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

/** An event without a position: it does not move the client's `Last-Event-ID`. */
export function ephemeralFrame({ event, data }: Omit<ServerSentEvent, "id">): Uint8Array {
  return encoder.encode(`event: ${event}\ndata: ${data}\n\n`);
}

/** The first bytes of a stream: how long a client waits before it reconnects, in milliseconds. */
export function retryFrame(milliseconds: number): Uint8Array {
  return encoder.encode(`retry: ${milliseconds}\n\n`);
}

/**
 * A heartbeat: a comment. With a position it also moves the client's `Last-Event-ID` without an event, so that the
 * position of a client that gets no events does not become too old to resume.
 */
export function heartbeatFrame(id?: string): Uint8Array {
  return encoder.encode(id === undefined ? ": alive\n\n" : `: alive\nid: ${id}\n\n`);
}
