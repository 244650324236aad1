import { breathe } from "../breathe.ts";
import type { Database } from "../database.ts";
import { computed, type RowOf, type Select, select } from "../select.ts";
import { join, raw, type Sql, sql } from "../sql.ts";
import { type Searched, unindexedOf } from "./schema.ts";
import { foldedText } from "./text.ts";

/** Rows in one write: more would keep other writes waiting. */
const AT_ONCE = 100;

/**
 * Adds the rows to the index that are not in it: new ones, those of before it was made, and those that an older version
 * wrote. They are found by a partial index on `folded is null`, so that it costs nothing when there are none. Each row is
 * looked at once: one that changes meanwhile is left to the next call. It may be stopped at any time, by `goesOn`, and may
 * run in several processes. A machine that loses power may lose what it did: then the rows are missing again.
 */
export async function indexMissing(db: Database, searched: Searched, goesOn: () => boolean): Promise<void> {
  for (let above = 0; goesOn(); ) {
    const rows = await db.query(missing(searched, sql`and row > ${above} order by row limit ${AT_ONCE}`));
    if (rows.length > 0) await db.write([put(searched, rows)], { relaxed: true });
    if (rows.length < AT_ONCE) return;
    above = rows.at(-1)?.row ?? above;
    await breathe();
  }
}

const shape = { row: computed<number>(raw("row")), texts: computed<string>() };

/** A row that no index has: its texts are a JSON array, in the order of the index. */
export type MissingRow = RowOf<typeof shape>;

/** Selects rows that are not in the index. @param rest which of them, and in what order, from `and` on */
export function missing(searched: Searched, rest: Sql): Select<MissingRow> {
  const texts = computed<string>(sql`json_array(${join(columnsOf(searched), ", ")})`);
  // Named, for SQLite would rather walk the whole table in the order of its rows.
  const from = raw(`from ${searched.table} indexed by ${unindexedOf(searched)} where folded is null`);
  return select({ ...shape, texts }, sql`${from} ${rest}`);
}

/** The texts of a row that no index has. */
export function textsOf({ texts }: MissingRow): readonly (string | null)[] {
  return JSON.parse(texts) as (string | null)[];
}

/**
 * Puts rows into the index, in one statement: what is written to an index is flushed before the next statement that may
 * fail, so that each by itself would cost several times as much. A row whose text was changed since it was read is left.
 */
function put(searched: Searched, rows: readonly MissingRow[]): Sql {
  const read = rows.map((row) => [row.row, foldedText(textsOf(row)), ...textsOf(row)]);
  const same = columnsOf(searched).map((column, index) => sql`${column} is (one.value ->> ${raw(`${index + 2}`)})`);
  return sql`update ${raw(searched.table)} set folded = one.value ->> 1 from json_each(${JSON.stringify(read)}) one
    where ${raw(searched.table)}.row = one.value ->> 0 and +folded is null and ${join(same, " and ")}`;
}

const columnsOf = ({ columns }: Searched) => columns.map((column) => raw(column));
