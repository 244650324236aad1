import type { Socket } from "@stoa/http/socket";
import type { Carrier, CarrierHooks, Ending, Frame } from "../carrier.ts";
import { closeCodes, reasonOf } from "./close-codes.ts";
import { socketFormat } from "./server-frames.ts";

/** What may wait for one socket. Past it a live socket is closed, and its client comes back and resumes. */
const FULL_BYTES = 1024 * 1024;
const FULL_FRAMES = 256;

/** What waits for the reader of a socket. The bytes wait in the socket itself. */
export class SocketCarrier implements Carrier {
  readonly format = socketFormat;
  readonly endsWhenFull = true;
  /** Whether something waits, and how many frames have been sent since. */
  #slow = false;
  #frames = 0;
  #drains = 0;
  #ended = false;
  #drained: (() => void) | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly hooks: CarrierHooks,
  ) {}

  get roomy(): boolean {
    return !this.#slow || (this.#frames < FULL_FRAMES && this.socket.waiting < FULL_BYTES);
  }

  get empty(): boolean {
    return !this.#slow;
  }

  /** Changes whenever fewer bytes wait. */
  get taken(): number {
    return this.#drains * 2 * FULL_BYTES - this.socket.waiting;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** From now on the hub feeds it. */
  start(): void {
    this.hooks.onStart();
  }

  push(frame: Frame): void {
    if (this.#ended) return;
    if (!this.socket.send(frame as string)) this.#slow = true;
    if (this.#slow) this.#frames++;
  }

  offer(frame: Frame): void {
    const half = this.#frames < FULL_FRAMES / 2 && this.socket.waiting < FULL_BYTES / 2;
    if (!this.#slow || half) this.push(frame);
  }

  async room(): Promise<void> {
    while (!this.roomy && !this.#ended) await new Promise<void>((drained) => (this.#drained = drained));
  }

  /** The socket has sent some of what waited. */
  drained(): void {
    if (this.socket.waiting === 0) {
      this.#slow = false;
      this.#frames = 0;
    }
    this.#drains++;
    this.#drained?.();
  }

  end(why: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    const reason = reasonOf(why);
    if (reason) this.socket.close(closeCodes[reason], reason);
    this.#drained?.();
    this.hooks.onEnd();
  }
}
