/** Waits, at most until the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}

/** Growing pauses between failures, with jitter so that two instances do not keep meeting. */
export class Backoff {
  #failures = 0;

  constructor(
    private readonly firstMs: number,
    private readonly lastMs: number,
  ) {}

  reset(): void {
    this.#failures = 0;
  }

  wait(signal: AbortSignal): Promise<void> {
    const ms = Math.min(this.firstMs * 2 ** this.#failures++, this.lastMs);
    return pause(ms * (0.5 + Math.random() / 2), signal);
  }
}

/** Wakes one waiting loop; a ring while it is busy counts for its next wait. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Resolves at the next ring, after `ms`, or when the signal aborts. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.#rung) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await pause(ms, signal ? AbortSignal.any([signal, woken.signal]) : woken.signal);
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}
