import { ephemeralFrame, eventFrame, heartbeatFrame, retryFrame } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import { formatPosition } from "./position.ts";
import type { Delivery } from "./resolve.ts";

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
/** The frames of one delivery by their data, written once for all users who get the same. */
export type Frames = Map<string, Uint8Array>;

/** One open stream. */
export class Connection {
  readonly outbox: Outbox;
  /** The last row of the journal that was queued for it, or passed over. */
  position: number;
  /** Whether the hub feeds it; otherwise it is catching up from the database. */
  live = false;
  /** The last position that the client was told. */
  #told: number;
  /** `taken` of the outbox at the last heartbeat, if something waited then. */
  #waiting: number | undefined;

  constructor(
    readonly listener: Listener,
    private readonly journal: string,
    start: number,
    hooks: { readonly onStart: (connection: Connection) => void; readonly onEnd: (connection: Connection) => void },
  ) {
    this.position = start;
    this.#told = start;
    this.outbox = new Outbox(
      () => hooks.onStart(this),
      () => hooks.onEnd(this),
    );
    this.outbox.push(retryFrame(RETRY_MS));
  }

  /** Tells the client where the stream begins: `ready`, or `reset` when the position that it sent cannot be resumed. */
  announce(event: "ready" | "reset"): void {
    const id = this.#at(this.position);
    this.outbox.push(eventFrame({ id, event, data: JSON.stringify({ position: id }) }));
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
      if (!this.outbox.roomy) return false;
      this.outbox.push(this.#frame(delivery, data, frames?.get(delivery)));
      this.position = delivery.seq;
      this.#told = delivery.seq;
    }
    this.position = Math.max(this.position, end);
    return true;
  }

  /**
   * Queues an event that is in no journal. Only while the hub feeds the stream, so that it never comes before an event of
   * the journal that it follows.
   *
   * @returns false when there is no room: it is not sent
   */
  whisper(event: string, data: object): boolean {
    if (!this.live || this.outbox.ended || !this.outbox.roomy) return false;
    this.outbox.push(ephemeralFrame({ event, data: JSON.stringify(data) }));
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
      if (this.#waiting === outbox.taken) outbox.end();
      this.#waiting = outbox.taken;
      return;
    }
    const tell = this.position - this.#told >= tellAfter;
    if (tell) this.#told = this.position;
    outbox.push(heartbeatFrame(tell ? this.#at(this.position) : undefined));
  }

  #frame({ seq, type }: Delivery, data: string, written: Frames | undefined): Uint8Array {
    const known = written?.get(data);
    if (known) return known;
    const frame = eventFrame({ id: this.#at(seq), event: type, data });
    written?.set(data, frame);
    return frame;
  }

  #at(seq: number): string {
    return formatPosition({ journal: this.journal, seq });
  }
}
