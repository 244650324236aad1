/** Shows how far a long work over a file is, on a terminal; elsewhere it shows nothing. */
export interface Progress {
  /** Counts the bytes that pass. */
  watch(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** Shows where the work stands, at most four times a second. */
  tick(what: () => string): void;
  /** Lets something else be printed without the line in between. */
  aside(print: () => void): void;
  /** Takes the line away. */
  end(): void;
}

const EVERY_MS = 250;
const CLEAR = "\r\u001b[2K";

/**
 * @param bytes of the file
 * @param terminal where it is shown
 */
export function progress(
  bytes: number,
  terminal: { readonly isTTY?: boolean; write(text: string): unknown } = process.stderr,
): Progress {
  const live = terminal.isTTY === true;
  let seen = 0;
  let last = Number.NEGATIVE_INFINITY;
  return {
    async *watch(chunks) {
      for await (const chunk of chunks) {
        seen += chunk.byteLength;
        yield chunk;
      }
    },
    tick(what) {
      if (!live || performance.now() - last < EVERY_MS) return;
      last = performance.now();
      const percent = bytes === 0 ? 100 : Math.floor((100 * seen) / bytes);
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
