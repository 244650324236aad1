import type { Carrier, CarrierHooks, Frame } from "./carrier.ts";
import { eventStream } from "./frame.ts";

/** With so many bytes or frames waiting nothing more is queued for a reader: what follows stays in the database. */
const FULL_BYTES = 512 * 1024;
const FULL_FRAMES = 1_000;

const encoder = new TextEncoder();

/** What waits for the reader of an event stream: a queue behind a web stream. It stays bounded if its writer asks `roomy`. */
export class Outbox implements Carrier {
  readonly format = eventStream;
  readonly endsWhenFull = false;
  readonly stream: ReadableStream<Uint8Array>;
  #frames: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #taken = 0;
  #wake: (() => void) | undefined;
  #drained: (() => void) | undefined;

  /** @param hooks the client reads when the stream is read for the first time, which the answer to a HEAD never does */
  constructor(private readonly hooks: CarrierHooks) {
    let started = false;
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (!started) hooks.onStart();
          started = true;
          if (this.#frames.length === 0 && !this.#ended) await new Promise<void>((wake) => (this.#wake = wake));
          this.#wake = undefined;
          if (this.#frames.length > 0) controller.enqueue(this.#take());
          else controller.close();
        },
        cancel: () => this.end(),
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
    this.#wake?.();
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
    this.#wake?.();
    this.#drained?.();
    this.hooks.onEnd();
  }

  #take(): Uint8Array {
    const [only, ...more] = this.#frames;
    const taken = more.length === 0 && only ? only : concatenate(this.#frames, this.#bytes);
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
