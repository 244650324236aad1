import type { Carrier, CarrierHooks, Frame } from "./carrier.ts";
import { eventStream } from "./frame.ts";

/** With so many bytes or frames waiting nothing more is queued for a reader: what follows stays in the database. */
const FULL_BYTES = 512 * 1024;
const FULL_FRAMES = 1_000;

const encoder = new TextEncoder();

/**
 * What waits for the reader of an event stream: a queue behind a web stream. It stays bounded if its writer asks `roomy`.
 * All that is queued within one turn of the event loop goes out at once.
 */
export class Outbox implements Carrier {
  readonly format = eventStream;
  readonly endsWhenFull = false;
  readonly stream: ReadableStream<Uint8Array>;
  #frames: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #taken = 0;
  /** The reader waits for something: it gets it by this. */
  #asked: ReadableStreamDefaultController<Uint8Array> | undefined;
  #giving = false;
  #drained: (() => void) | undefined;

  /** @param hooks the client reads when the stream is read for the first time, which the answer to a HEAD never does */
  constructor(private readonly hooks: CarrierHooks) {
    let started = false;
    this.stream = new ReadableStream<Uint8Array>(
      {
        // Answered later without a promise: one for each frame and stream costs more than the frame.
        pull: (controller) => {
          if (!started) hooks.onStart();
          started = true;
          this.#asked = controller;
          if (this.#frames.length > 0 || this.#ended) this.#give();
        },
        cancel: () => {
          this.#asked = undefined;
          this.end();
        },
      },
      { highWaterMark: 0 },
    );
  }

  get roomy(): boolean {
    return this.#bytes < FULL_BYTES && this.#frames.length < FULL_FRAMES;
  }

  get taken(): number {
    return this.#taken;
  }

  get empty(): boolean {
    return this.#frames.length === 0;
  }

  get ended(): boolean {
    return this.#ended;
  }

  push(frame: Frame): void {
    if (this.#ended) return;
    const bytes = typeof frame === "string" ? encoder.encode(frame) : frame;
    this.#frames.push(bytes);
    this.#bytes += bytes.length;
    if (this.#asked) this.#giveSoon();
  }

  offer(frame: Frame): void {
    if (this.#bytes < FULL_BYTES / 2 && this.#frames.length < FULL_FRAMES / 2) this.push(frame);
  }

  async room(): Promise<void> {
    while (!this.roomy && !this.#ended) await new Promise<void>((drained) => (this.#drained = drained));
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#asked) this.#giveSoon();
    this.#drained?.();
    this.hooks.onEnd();
  }

  /** Gives the reader what is queued in this turn. */
  #giveSoon(): void {
    if (this.#giving) return;
    this.#giving = true;
    queueMicrotask(this.#give);
  }

  readonly #give = (): void => {
    this.#giving = false;
    const controller = this.#asked;
    this.#asked = undefined;
    if (this.#frames.length > 0) controller?.enqueue(this.#take());
    else if (this.#ended) controller?.close();
    // It was given what there was already, and has asked for more since.
    else this.#asked = controller;
  };

  #take(): Uint8Array {
    const [first] = this.#frames;
    const taken = this.#frames.length === 1 && first ? first : concatenate(this.#frames, this.#bytes);
    this.#frames = [];
    this.#bytes = 0;
    this.#taken++;
    this.#drained?.();
    return taken;
  }
}

function concatenate(frames: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}
