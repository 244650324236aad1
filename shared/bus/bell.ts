/** Wakes a loop that waits. A ring while the loop is busy ends its next wait at once. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  /** Whether it was rung and nobody has heard it yet. */
  get rung(): boolean {
    return this.#rung;
  }

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Resolves at the next ring, after `ms` unless undefined, or when the signal aborts. */
  async wait(ms: number | undefined, signal?: AbortSignal): Promise<void> {
    if (!this.#rung && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", done);
          resolve();
        };
        const timer = ms === undefined ? undefined : setTimeout(done, ms);
        signal?.addEventListener("abort", done, { once: true });
        this.#wake = done;
      });
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}
