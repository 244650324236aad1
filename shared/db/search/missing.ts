import { breathe } from "../breathe.ts";
import type { Database } from "../database.ts";
import { computed, type RowOf, type Select, select } from "../select.ts";
import { join, raw, type Sql, sql } from "../sql.ts";
import type { Searched } from "./schema.ts";
import { foldedText } from "./text.ts";

/** Rows in one write: more would keep other writes waiting. */
const AT_ONCE = 100;

/**
 * Adds the rows to the index that are not in it: those of before it was made, and those that an older version wrote. They
 * are found by a partial index on `folded is null`, so that it costs nothing when there are none. It may be stopped at
 * any time, by `goesOn`, and may run in several processes.
 */
export async function indexMissing(db: Database, searched: Searched, goesOn: () => boolean): Promise<void> {
  const table = raw(searched.table);
  const columns = searched.columns.map((column) => raw(column));
  while (goesOn()) {
    const rows = await db.query(missing(table, columns));
    if (rows.length === 0) return;
    await db.write(
      rows.map(({ row, texts }) => {
        const parts = JSON.parse(texts) as (string | null)[];
        // What was changed since it was read was indexed by the change, or is read again.
        const same = join(
          columns.map((column, index) => sql`${column} is ${parts[index] ?? null}`),
          " and ",
        );
        return sql`update ${table} set folded = ${foldedText(parts)} where row = ${row} and folded is null and ${same}`;
      }),
    );
    await breathe();
  }
}

const shape = { row: computed<number>(raw("row")), texts: computed<string>() };

function missing(table: Sql, columns: readonly Sql[]): Select<RowOf<typeof shape>> {
  const texts = computed<string>(sql`json_array(${join(columns, ", ")})`);
  return select({ ...shape, texts }, sql`from ${table} where folded is null limit ${AT_ONCE}`);
}
