/** With so many bytes or frames waiting nothing more is queued for a reader: what follows stays in the database. */
const FULL_BYTES = 512 * 1024;
const FULL_FRAMES = 1_000;

/** What waits for one reader: a queue behind a web stream. It stays bounded if its writer asks `roomy` first. */
export class Outbox {
  readonly stream: ReadableStream<Uint8Array>;
  #frames: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #taken = 0;
  #wake: (() => void) | undefined;
  #drained: (() => void) | undefined;

  /**
   * @param onStart called when the reader reads for the first time, which the answer to a HEAD never does
   * @param onEnd called once, when the reader has gone or the outbox has ended
   */
  constructor(
    onStart: () => void,
    private readonly onEnd: () => void,
  ) {
    let started = false;
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (!started) onStart();
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

  /** Whether another frame may be queued. */
  get roomy(): boolean {
    return this.#bytes < FULL_BYTES && this.#frames.length < FULL_FRAMES;
  }

  /** How many times the reader has taken something. */
  get taken(): number {
    return this.#taken;
  }

  get empty(): boolean {
    return this.#frames.length === 0;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Queues a frame. */
  push(frame: Uint8Array): void {
    if (this.#ended) return;
    this.#frames.push(frame);
    this.#bytes += frame.length;
    this.#wake?.();
  }

  /** Waits until there is room again, or the outbox has ended. */
  async room(): Promise<void> {
    while (!this.roomy && !this.#ended) await new Promise<void>((drained) => (this.#drained = drained));
  }

  /** Ends the stream after what is queued. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake?.();
    this.#drained?.();
    this.onEnd();
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
