import type { Delivery } from "./feed.ts";
import { eventFrame, heartbeatFrame, retryFrame } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import { type FeedName, feedNames, type Places } from "./position.ts";

/** The user whom a stream is for, and until when. */
export interface Listener {
  readonly user_id: string;
  readonly session_id: string;
  /**
   * When the token that opened it expires, in seconds since 1970. The stream ends then; the client comes back with a
   * new one and resumes.
   */
  readonly expires_at: number;
}

/** How long a client whose connection was cut waits before it comes back, in milliseconds. */
const RETRY_MS = 2_000;
/** The frames of one delivery by their data, written once for all users who get the same at the same position. */
export type Frames = Map<string, { readonly frame: Uint8Array; readonly places: Readonly<Places> }>;

/** What a connection asks of its hub. */
export interface ConnectionHooks {
  readonly onStart: (connection: Connection) => void;
  readonly onEnd: (connection: Connection) => void;
  /** Places as a client is told them. */
  readonly format: (places: Readonly<Places>) => string;
}

/** One open stream. */
export class Connection {
  readonly outbox: Outbox;
  /** In each feed, the last row that was queued for it, or passed over. */
  readonly places: Places;
  /** Whether the hub feeds it; otherwise it is catching up from the database. */
  live = false;
  /** The last places that the client was told. */
  #told: Readonly<Places>;
  /** `taken` of the outbox at the last heartbeat, if something waited then. */
  #waiting: number | undefined;

  constructor(
    readonly listener: Listener,
    start: Readonly<Places>,
    private readonly hooks: ConnectionHooks,
  ) {
    this.places = { ...start };
    this.#told = start;
    this.outbox = new Outbox(
      () => hooks.onStart(this),
      () => hooks.onEnd(this),
    );
    this.outbox.push(retryFrame(RETRY_MS));
  }

  /** Tells the client where the stream begins: `ready`, or `reset` when the position that it sent cannot be resumed. */
  announce(event: "ready" | "reset"): void {
    const id = this.hooks.format(this.places);
    this.outbox.push(eventFrame({ id, event, data: JSON.stringify({ position: id }) }));
  }

  /**
   * Queues the deliveries of a feed that are for this user and past its place there, and moves the place.
   *
   * @param end the last row that was read
   * @returns false when the reader is too slow: the rest has to be read again later
   */
  take(feed: FeedName, deliveries: readonly Delivery[], end: number, frames?: ReadonlyMap<Delivery, Frames>): boolean {
    const { outbox, places, listener } = this;
    for (const delivery of deliveries) {
      const data = delivery.to.get(listener.user_id);
      if (data === undefined || delivery.seq <= places[feed]) continue;
      if (!outbox.roomy) return false;
      places[feed] = delivery.seq;
      outbox.push(this.#frame(delivery.type, data, frames?.get(delivery)));
      this.#told = { ...places };
    }
    places[feed] = Math.max(places[feed], end);
    return true;
  }

  /**
   * Sends a heartbeat; ends a stream whose reader has taken nothing since the last one although something waits.
   *
   * @param tellAfter after how many rows without an event the client is told its position, so that it does not become
   *   too old to resume
   */
  heartbeat(tellAfter: number): void {
    const { outbox, places } = this;
    if (!outbox.empty) {
      if (this.#waiting === outbox.taken) outbox.end();
      this.#waiting = outbox.taken;
      return;
    }
    const tell = feedNames.some((feed) => places[feed] - this.#told[feed] >= tellAfter);
    if (tell) this.#told = { ...places };
    outbox.push(heartbeatFrame(tell ? this.hooks.format(places) : undefined));
  }

  /** The event as it is written at the present places. */
  #frame(event: string, data: string, written: Frames | undefined): Uint8Array {
    const known = written?.get(data);
    if (known && feedNames.every((feed) => known.places[feed] === this.places[feed])) return known.frame;
    const frame = eventFrame({ id: this.hooks.format(this.places), event, data });
    written?.set(data, { frame, places: { ...this.places } });
    return frame;
  }
}
