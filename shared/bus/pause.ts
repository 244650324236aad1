/** Waits, but no longer than until the signal aborts. */
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

/** Waits that grow with each failure, with jitter so that two instances do not keep colliding. */
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

/** Wakes a loop that waits. A ring while the loop is busy ends its next wait at once. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Resolves at the next ring, after `ms`, or when the signal aborts. */
  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.#rung && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal?.addEventListener("abort", done, { once: true });
        this.#wake = done;
      });
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}
