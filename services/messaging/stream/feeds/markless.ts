import type { StreamRow } from "../rows.ts";

/**
 * A stretch of the journal of which it is known that it has no read marks, because its rows were read for another feed. So most
 * messages cost no look for marks.
 */
export class Markless {
  #from = 0;
  #to = 0;

  /** Takes notice of all rows between two places. */
  note(after: number, rows: readonly Pick<StreamRow, "seq" | "type">[], end: number): void {
    const mark = rows.findLast(({ type }) => type === "read.moved");
    if (mark) this.#from = mark.seq;
    else if (after > this.#to || after < this.#from) this.#from = after;
    this.#to = end;
  }

  /** Whether there is no mark between two places, as far as is known. */
  covers(after: number, upTo: number): boolean {
    return this.#from <= after && upTo <= this.#to;
  }
}
