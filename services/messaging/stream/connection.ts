import type { Carrier, CarrierHooks, Ending, Format, Frame } from "./carrier.ts";
import { formatPosition } from "./position.ts";
import type { Delivery } from "./resolve.ts";

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

/** The frames of one delivery by their format and data, written once for all users who get the same. */
export type Frames = Map<Format, Map<string, Frame>>;

/** One open stream or socket. */
export class Connection<C extends Carrier = Carrier> {
  readonly outbox: C;
  /** The last row of the journal that was queued for it, or passed over. */
  position: number;
  /** Whether the hub feeds it; otherwise it is catching up from the database. */
  live = false;
  /** The last position that the client was told. */
  #told: number;
  /** `taken` of the outbox at the last heartbeat, if something waited then. */
  #waiting: number | undefined;

  /** @param carry makes what carries its frames */
  constructor(
    public listener: Listener,
    private readonly journal: string,
    start: number,
    hooks: { readonly onStart: (connection: Connection) => void; readonly onEnd: (connection: Connection) => void },
    carry: (hooks: CarrierHooks) => C,
  ) {
    this.position = start;
    this.#told = start;
    this.outbox = carry({ onStart: () => hooks.onStart(this), onEnd: () => hooks.onEnd(this) });
  }

  /** Tells the client where the stream begins: `ready`, or `reset` when the position that it sent cannot be resumed. */
  announce(event: "ready" | "reset"): void {
    const id = this.#at(this.position);
    this.outbox.push(this.outbox.format.event({ id, event, data: JSON.stringify({ position: id }) }));
  }

  /** Offers an event that is never stored: a client that reads slowly does not get it. */
  whisper(event: string, data: string): void {
    this.outbox.offer(this.outbox.format.event({ event, data }));
  }

  /** Ends it, and says how long its client should wait before it comes back; milliseconds. */
  dismiss(why: Ending, retryMs: number): void {
    this.outbox.push(this.outbox.format.retry(retryMs));
    this.outbox.end(why);
  }

  /**
   * Queues the deliveries of a batch that are for this user and past its position, and moves the position.
   *
   * @param end the batch's last row
   * @returns false when the reader is too slow: the rest has to be read again later
   */
  take(deliveries: readonly Delivery[], end: number, frames?: ReadonlyMap<Delivery, Frames>): boolean {
    for (const delivery of deliveries) {
      const data = delivery.to.get(this.listener.user_id);
      if (data === undefined || delivery.seq <= this.position) continue;
      if (!this.outbox.roomy) {
        if (this.live && this.outbox.endsWhenFull) this.outbox.end("too_slow");
        return false;
      }
      this.outbox.push(this.#frame(delivery, data, frames?.get(delivery)));
      this.position = delivery.seq;
      this.#told = delivery.seq;
    }
    this.position = Math.max(this.position, end);
    return true;
  }

  /**
   * Sends a heartbeat; ends a stream whose reader has taken nothing since the last one although something waits.
   *
   * @param tellAfter after how many rows without an event the client is told its position, so that it does not become
   *   too old to resume
   */
  heartbeat(tellAfter: number): void {
    const { outbox } = this;
    if (!outbox.empty) {
      if (this.#waiting === outbox.taken) outbox.end("too_slow");
      this.#waiting = outbox.taken;
      return;
    }
    const tell = this.position - this.#told >= tellAfter;
    if (tell) this.#told = this.position;
    outbox.push(outbox.format.heartbeat(tell ? this.#at(this.position) : undefined));
  }

  #frame({ seq, type }: Delivery, data: string, written: Frames | undefined): Frame {
    const { format } = this.outbox;
    const known = written?.get(format)?.get(data);
    if (known) return known;
    const frame = format.event({ id: this.#at(seq), event: type, data });
    const own = written?.get(format) ?? new Map<string, Frame>();
    written?.set(format, own.set(data, frame));
    return frame;
  }

  #at(seq: number): string {
    return formatPosition({ journal: this.journal, seq });
  }
}
