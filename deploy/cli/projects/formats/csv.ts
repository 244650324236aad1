/** A record of a CSV file. */
export interface Row {
  /** The line that it begins on, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * The records of a CSV file, one at a time: cells may be quoted, and then have the delimiter, line breaks and doubled
 * quotes in them; lines end with LF or CR LF; lines without anything are skipped.
 *
 * Source: RFC 4180, section 2.
 *
 * @param chunks of the text; a byte order mark at its beginning is left out
 * @throws Error when a quoted cell has no end, naming its line
 */
export async function* csvRows(chunks: AsyncIterable<string>, delimiter: string): AsyncGenerator<Row> {
  const parser = new Parser(delimiter);
  for await (const chunk of chunks) yield* parser.rows(chunk);
  yield* parser.end();
}

class Parser {
  readonly #delimiter: string;
  #cells: string[] = [];
  #cell = "";
  /** Within quotes; after the quote that may end them or be the first of two; or neither. */
  #state: "plain" | "quoted" | "quote" = "plain";
  #line = 1;
  #began = 1;
  #first = true;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  *rows(chunk: string): Generator<Row> {
    const text = this.#first && chunk !== "" ? chunk.replace(/^\uFEFF/, "") : chunk;
    if (chunk !== "") this.#first = false;
    for (let at = 0; at < text.length; at++) {
      const char = text[at] as string;
      if (this.#state === "quoted") {
        const next = text.indexOf('"', at);
        const part = text.slice(at, next === -1 ? undefined : next);
        this.#cell += part;
        this.#line += part.split("\n").length - 1;
        at = next === -1 ? text.length : next;
        if (next !== -1) this.#state = "quote";
      } else if (char === '"' && (this.#state === "quote" || this.#cell === "")) {
        if (this.#state === "quote") this.#cell += '"';
        this.#state = "quoted";
      } else if (char === this.#delimiter) {
        this.#endCell();
      } else if (char === "\n") {
        this.#line++;
        yield* this.#endRow();
      } else {
        this.#state = "plain";
        this.#cell += char;
      }
    }
  }

  *end(): Generator<Row> {
    if (this.#state === "quoted") throw new Error(`line ${this.#began}: a quoted cell has no end.`);
    yield* this.#endRow();
  }

  #endCell(): void {
    this.#cells.push(this.#cell);
    this.#cell = "";
    this.#state = "plain";
  }

  *#endRow(): Generator<Row> {
    // Of a line that ends with CR LF.
    if (this.#cell.endsWith("\r")) this.#cell = this.#cell.slice(0, -1);
    this.#endCell();
    const row = { line: this.#began, cells: this.#cells };
    this.#cells = [];
    this.#began = this.#line;
    if (row.cells.length > 1 || row.cells[0] !== "") yield row;
  }
}

/** The delimiter of a CSV file by its first line: the one that is there most often. */
export function delimiterIn(line: string): string {
  const counts = [",", ";", "\t"].map((delimiter) => [delimiter, line.split(delimiter).length] as const);
  return counts.toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? ",";
}
