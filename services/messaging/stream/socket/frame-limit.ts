/** How many frames of a client may wait to be taken. */
const MOST_WAITING = 32;
/** How many may come in a time: more than anyone types. */
const MOST = 120;
const IN_MS = 10_000;

/** Counts the frames of one client, so that one who floods is closed instead of filling the memory. */
export class FrameLimit {
  #waiting = 0;
  #count = 0;
  #ends = 0;

  /** Counts a frame that came. False: it is one too many. */
  take(): boolean {
    const now = performance.now();
    if (now >= this.#ends) {
      this.#ends = now + IN_MS;
      this.#count = 0;
    }
    this.#waiting++;
    this.#count++;
    return this.#waiting <= MOST_WAITING && this.#count <= MOST;
  }

  /** A frame was taken. */
  done(): void {
    this.#waiting--;
  }
}
