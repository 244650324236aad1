import { pause } from "@stoa/db";

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
