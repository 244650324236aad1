import { gathered } from "../gathered.ts";
import { marked, raw, type Sql, sql } from "../sql.ts";
import type { Searched } from "./schema.ts";

/**
 * Puts a row into the index that the same batch has inserted without `folded`, together with those of the other batches in the
 * transaction: a search finds it as soon as it is there. Each write to an index is flushed before the next statement that
 * may fail, so that indexing each row by itself costs more than all else that is written.
 *
 * @param id of the row; nothing happens without it
 * @param folded what `foldedText` makes of the row's texts
 * @param happened the condition of the insertion: without it there is no row
 */
export function putIntoIndex({ table }: Searched, id: string, folded: string, happened: Sql): Sql {
  const name = raw(table);
  // The plus keeps SQLite from walking the index of rows that are not indexed, which may be many after an upgrade.
  const put = sql`update ${name} set folded = j.value ->> 1 from json_each(${JSON.stringify([[id, folded]])}) j
    where ${name}.id = j.value ->> 0 and +${name}.folded is null`;
  return happened.marks.reduce(marked, gathered(put));
}
