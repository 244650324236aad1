import { createHub, type Hub, type HubOptions } from "./hub.ts";
import { createTickets, type Tickets } from "./tickets.ts";

/** Live streams and the tickets that open them. */
export interface Streams {
  readonly hub: Hub;
  readonly tickets: Tickets;
}

/**
 * Makes a process's live streams.
 *
 * @param ticket_key `deriveKey(secret, "stream-ticket")`
 * @example
 * const streams = createStreams({ db, now, log, revocations, ticket_key });
 * // at shutdown
 * streams.hub.close();
 */
export function createStreams({ ticket_key, ...options }: HubOptions & { readonly ticket_key: Uint8Array }): Streams {
  return { hub: createHub(options), tickets: createTickets({ ...options, key: ticket_key }) };
}
