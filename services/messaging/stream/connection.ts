import type { Carrier, CarrierHooks, Ending } from "./carrier.ts";
import type { Parcel, PassingEvent } from "./parcels.ts";
import { type FeedName, feedNames, type Places } from "./position.ts";

/** The user whom a connection is for, and until when. */
export interface Listener {
  readonly user_id: string;
  readonly session_id: string;
  /**
   * When the token that opened it expires, in seconds since 1970. The connection ends then; the client comes back with
   * a new one and resumes.
   */
  readonly expires_at: number;
}

/** What a connection asks of its hub. */
export interface ConnectionHooks {
  readonly onStart: (connection: Connection) => void;
  readonly onEnd: (connection: Connection) => void;
  /** Places as a client is told them. */
  readonly position: (places: Readonly<Places>) => string;
}

/** One open stream or socket. */
export class Connection<C extends Carrier = Carrier> {
  readonly outbox: C;
  /** In each feed, the last row that was queued for it, or passed over. */
  readonly places: Places;
  /** Whether the hub feeds it; otherwise it is catching up from the database. */
  live = false;
  /** The last places that the client was told. */
  #told: Readonly<Places>;
  /** `taken` of the outbox at the last heartbeat, if something waited then. */
  #waiting: number | undefined;

  /** @param carry makes what carries its frames */
  constructor(
    public listener: Listener,
    start: Readonly<Places>,
    private readonly hooks: ConnectionHooks,
    carry: (hooks: CarrierHooks) => C,
  ) {
    this.places = { ...start };
    this.#told = start;
    this.outbox = carry({ onStart: () => hooks.onStart(this), onEnd: () => hooks.onEnd(this) });
  }

  /** Tells the client where the stream begins: `ready`, or `reset` when the position that it sent cannot be resumed. */
  announce(event: "ready" | "reset"): void {
    const id = this.hooks.position(this.places);
    this.outbox.push(this.outbox.format.event({ id, event, data: JSON.stringify({ position: id }) }));
  }

  /** Offers an event that is never stored: a client that reads slowly does not get it. */
  whisper(event: PassingEvent): void {
    this.outbox.offer(event.frame(this.outbox.format));
  }

  /**
   * Queues an event that is never stored, if there is room: only while the hub feeds it, so that it never comes before an
   * event of the journal that it follows.
   *
   * @returns whether it was queued; else it may be made again
   */
  tell(event: PassingEvent): boolean {
    const { outbox } = this;
    if (!this.live || outbox.ended || !outbox.roomy) return false;
    outbox.push(event.frame(outbox.format));
    return true;
  }

  /** Ends it, and says how long its client should wait before it comes back; milliseconds. */
  dismiss(why: Ending, retryMs: number): void {
    this.outbox.push(this.outbox.format.retry(retryMs));
    this.outbox.end(why);
  }

  /**
   * Queues what this user gets of a feed past its place there, and moves the place.
   *
   * @param end the last row that was read
   * @returns false when the reader is too slow: the rest has to be read again later
   */
  take(feed: FeedName, parcels: readonly Parcel[], end: number): boolean {
    const { outbox, places } = this;
    for (const parcel of parcels) {
      if (parcel.seq <= places[feed]) continue;
      if (!outbox.roomy) {
        if (this.live && outbox.endsWhenFull) outbox.end("too_slow");
        return false;
      }
      places[feed] = parcel.seq;
      const written = parcel.written(outbox.format, places, this.hooks.position);
      outbox.push(written.frame);
      this.#told = written.places;
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
      if (this.#waiting === outbox.taken) outbox.end("too_slow");
      this.#waiting = outbox.taken;
      return;
    }
    const tell = feedNames.some((feed) => places[feed] - this.#told[feed] >= tellAfter);
    if (tell) this.#told = { ...places };
    outbox.push(outbox.format.heartbeat(tell ? this.hooks.position(places) : undefined));
  }
}
