import { eventFrame, heartbeatFrame, retryFrame } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import { formatPosition } from "./position.ts";
import type { Delivery } from "./resolve.ts";

/** Whom a stream is for, and until when. */
export interface Listener {
  readonly user_id: string;
  readonly session_id: string;
  /** When the token that opened it expires; seconds since 1970. The stream ends then: the client comes back with a
   * new one and resumes. */
  readonly expires_at: number;
}

/** How soon a client whose connection was cut should come back, in milliseconds. */
const RETRY_MS = 2_000;
/** Frames of one delivery, written once for all who get the same. */
export type Frames = Map<string, Uint8Array>;

/** One open stream. */
export class Connection {
  readonly outbox: Outbox;
  /** Up to where its events have been queued. */
  position: number;
  /** Whether the hub feeds it; else it is catching up from the database. */
  live = false;
  #told: number;
  /** `taken` of the outbox when something waited at the last heartbeat. */
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

  /** Says where the stream begins: `ready`, or `reset` where what was asked for cannot be resumed. */
  announce(event: "ready" | "reset"): void {
    const id = this.#at(this.position);
    this.outbox.push(eventFrame({ id, event, data: JSON.stringify({ position: id }) }));
  }

  /**
   * Queues what of a batch is for this user and past its position, which moves along.
   *
   * @param end the batch's last row
   * @returns false when the reader is too slow for it: the rest has to be read again, later
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
   * Gives a sign of life; ends a stream whose reader has taken nothing since the last one though something waits.
   *
   * @param tellAfter a client that had no event for so many rows is told how far it is, lest its position be too old
   *   to resume
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
