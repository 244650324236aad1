/** How long nothing may have come back before a probe is sent; milliseconds. Also the least time between two probes. */
const QUIET_MS = 5_000;

/** After how long without a write that came back writes count as stopped, if a probe does not come back either. */
const STOPPED_MS = 10_000;

/**
 * Notices that writes of a server do not come back any more, also when nobody writes. sqld can stop to write for ever
 * while it answers every read. When it is asked and no write came back for a while, it sends a probe that changes
 * nothing: one at a time, and not for each question.
 */
export class WriteWatch {
  readonly #probe: () => Promise<unknown>;
  readonly #now: () => number;
  #came: number;
  #probed = Number.NEGATIVE_INFINITY;
  #waiting = false;
  #failed = false;

  /** @param probe takes the way of a write, and fails or comes back in bounded time */
  constructor(probe: () => Promise<unknown>, now: () => number = () => performance.now()) {
    this.#probe = probe;
    this.#now = now;
    this.#came = now();
  }

  /** A write came back: carried out, or refused by a rule. */
  came(): void {
    this.#came = this.#now();
    this.#failed = false;
  }

  /** Whether writes have stopped, by what is known now. It may send a probe, whose outcome the next look sees. */
  look(): boolean {
    const now = this.#now();
    const quiet = now - this.#came;
    if (quiet >= QUIET_MS && !this.#waiting && now - this.#probed >= QUIET_MS) this.#send(now);
    const late = this.#waiting && now - this.#probed >= QUIET_MS;
    return quiet >= STOPPED_MS && (this.#failed || late);
  }

  #send(now: number): void {
    this.#probed = now;
    this.#waiting = true;
    this.#probe()
      .then(
        () => this.came(),
        () => {
          this.#failed = true;
        },
      )
      .finally(() => {
        this.#waiting = false;
      });
  }
}
