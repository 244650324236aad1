import { writeSync } from "node:fs";
import process from "node:process";

/** How long lines are collected before they are written; milliseconds. */
const COLLECT_MS = 10;

/** How long to wait for a reader that takes no more; milliseconds. */
const RETRY_MS = 20;

/** Characters that may wait for a reader; further lines are dropped and counted. */
const MOST = 16 * 1_048_576;

const nothing: Uint8Array = new Uint8Array(0);

/** Writes bytes to a file descriptor and returns how many it took. */
type Write = (fd: number, bytes: Uint8Array) => number;

/**
 * Writes log lines in order, those of a few milliseconds with one system call. It does not flush them to the disk, which
 * took a third of the time of a small request.
 *
 * What is not written yet when the process exits is written then. SIGKILL can cost the lines of the last milliseconds,
 * which report nothing that the journal does not have. No failure reaches the request that is logged: lines that cannot
 * be written are dropped, and the first line after them says how many.
 */
export class LogLines {
  readonly #fd: number;
  readonly #write: Write;
  #lines = "";
  /** What a pipe whose reader is slow did not take yet. */
  #rest = nothing;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param write `writeSync` unless given */
  constructor(fd: number, write: Write = writeSync) {
    this.#fd = fd;
    this.#write = write;
    process.on("exit", this.end);
  }

  /** Writes all that waits, and blocks the process until a slow reader has taken it: nothing comes after it. */
  readonly end = (): void => {
    while (!this.#flush()) Bun.sleepSync(RETRY_MS);
  };

  write(line: string): void {
    if (this.#lines.length > MOST) this.#dropped++;
    else this.#lines += line;
    this.#timer ??= setTimeout(this.#due, COLLECT_MS);
  }

  readonly #due = (): void => {
    this.#timer = this.#flush() ? undefined : setTimeout(this.#due, RETRY_MS);
  };

  /** @returns false when the reader takes no more at the moment */
  #flush(): boolean {
    try {
      this.#drain();
      if (this.#dropped === 0) return true;
      this.#lines = droppedLine(this.#dropped);
      this.#dropped = 0;
      this.#drain();
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") return false;
      this.#dropped += this.#rest.filter((byte) => byte === 0x0a).length;
      this.#rest = nothing;
    }
    return true;
  }

  #drain(): void {
    while (this.#rest.length > 0 || this.#lines !== "") {
      if (this.#rest.length === 0) {
        this.#rest = Buffer.from(this.#lines);
        this.#lines = "";
      }
      this.#rest = this.#rest.subarray(this.#write(this.#fd, this.#rest));
    }
  }
}

function droppedLine(dropped: number): string {
  const line = { level: "warn", time: new Date().toISOString(), dropped, msg: "Log lines could not be written." };
  return `${JSON.stringify(line)}\n`;
}
