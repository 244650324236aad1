import { breathe } from "../breathe.ts";
import type { Database } from "../database.ts";
import { sql } from "../sql.ts";
import { fold, spaced } from "./fold.ts";
import { holds } from "./hits.ts";
import { missing, textsOf } from "./missing.ts";
import type { Searched } from "./schema.ts";

/**
 * How many rows a search looks at that are not in the index, the newest of them. New rows are indexed within a second, so
 * there are more only for a while after a migration, and those are found as they come into the index.
 */
const MOST = 1_000;
/** Rows that are folded in one turn of the event loop. */
const AT_ONCE = 100;

/** The rows that the index does not have, as a search compares them. */
export interface Unindexed {
  /** The row ids of those that have all these folded words; of none without a word. */
  having(words: readonly string[]): readonly number[];
}

/** Reads the rows that the index does not have: none at all, most of the time. */
export async function readUnindexed(db: Database, searched: Searched): Promise<Unindexed> {
  const rows = await db.query(missing(searched, sql`order by row desc limit ${MOST}`));
  const texts: { readonly row: number; readonly text: string }[] = [];
  for (const row of rows) {
    const parts = textsOf(row).map((part) => spaced(fold(part ?? "")));
    texts.push({ row: row.row, text: parts.join("\n") });
    if (texts.length % AT_ONCE === 0) await breathe();
  }
  return {
    having: (words) =>
      words.length === 0
        ? []
        : texts.filter(({ text }) => words.every((word) => holds(text, word))).map(({ row }) => row),
  };
}
