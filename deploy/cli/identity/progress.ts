/** Shows the progress of long work, on a file say. It shows it on a terminal only. */
export interface Progress {
  /** Counts so much more as done. */
  add(amount: number): void;
  /** Passes the chunks on and counts their bytes. */
  watch(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Shows the progress, at most four times a second. */
  tick(what: () => string): void;
  /** Clears the line, so that something else can be printed. */
  aside(print: () => void): void;
  /** Clears the line. */
  end(): void;
}

const EVERY_MS = 250;
const CLEAR = "\r\u001b[2K";

/**
 * @param whole the size of the file in bytes, or of whatever is counted
 * @param terminal where the progress is shown
 */
export function progress(
  whole: number,
  terminal: { readonly isTTY?: boolean; write(text: string): unknown } = process.stderr,
): Progress {
  const live = terminal.isTTY === true;
  let seen = 0;
  let last = Number.NEGATIVE_INFINITY;
  return {
    add(amount) {
      seen += amount;
    },
    async *watch(chunks) {
      for await (const chunk of chunks) {
        seen += chunk.byteLength;
        yield chunk;
      }
    },
    tick(what) {
      if (!live || performance.now() - last < EVERY_MS) return;
      last = performance.now();
      const percent = whole === 0 ? 100 : Math.floor((100 * seen) / whole);
      terminal.write(`${CLEAR}${percent} %  ${what()}`);
    },
    aside(print) {
      if (live) terminal.write(CLEAR);
      print();
    },
    end() {
      if (live) terminal.write(CLEAR);
    },
  };
}
