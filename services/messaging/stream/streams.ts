import { createLive, type Live, type LiveOptions } from "../live/live.ts";
import { createHub, type Hub, type HubOptions } from "./hub.ts";
import { createTickets, type Tickets } from "./tickets.ts";

/** Live streams and the tickets that open them. */
export interface Streams {
  readonly hub: Hub;
  readonly tickets: Tickets;
  /** Typing and presence. */
  readonly live: Live;
  /** How long a socket may stay without a token; milliseconds. */
  readonly unauthenticatedMs: number;
}

/** What live streams need, with {@link Streams.unauthenticatedMs}: 10,000 unless given. */
export type StreamsOptions = HubOptions &
  LiveOptions & { readonly ticket_key: Uint8Array; readonly unauthenticatedMs?: number };

/**
 * Makes a process's live streams.
 *
 * @param ticket_key `deriveKey(secret, "stream-ticket")`
 * @example
 * const streams = createStreams({ db, now, log, revocations, ticket_key });
 * // at shutdown
 * streams.hub.close();
 */
export function createStreams({ ticket_key, unauthenticatedMs = 10_000, ...options }: StreamsOptions): Streams {
  const live = createLive(options);
  const hub = createHub({ ...options, watcher: live });
  return { hub, tickets: createTickets({ ...options, key: ticket_key }), live, unauthenticatedMs };
}
