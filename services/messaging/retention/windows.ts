import { breathe, computed, type Database, type Sql, select, sql } from "@stoa/db";

/** Conversations looked at in one read: more would keep other work waiting. */
const LOOKED_AT_ONCE = 1_000;

/**
 * Walks all conversations in the order of their ids, in bounded reads between which other work runs.
 *
 * @param after the id to begin after
 * @param wanted a condition of conversations `w`
 * @returns for each read where it ended, and the ids of the wanted conversations in it
 */
export async function* conversationWindows(
  db: Database,
  after: string,
  wanted: Sql,
): AsyncGenerator<{ readonly upTo: string; readonly ids: readonly string[] }> {
  const columns = { id: computed<string>(sql`w.id`), wanted: computed<number>(sql`(${wanted})`) };
  for (let from = after; ; ) {
    const window = sql`(select * from conversations where id > ${from} order by id limit ${LOOKED_AT_ONCE}) w`;
    const rows = await db.query(select(columns, sql`from ${window} order by w.id`));
    const upTo = rows.at(-1)?.id;
    if (upTo === undefined) return;
    yield { upTo, ids: rows.flatMap(({ id, wanted }) => (wanted === 1 ? [id] : [])) };
    if (rows.length < LOOKED_AT_ONCE) return;
    from = upTo;
    await breathe();
  }
}
