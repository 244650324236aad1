import { isSql, type Sql, type SqlPart, sql, updateRows } from "@stoa/db";
import { foldedMessage } from "./searched.ts";
import { messages } from "./table.ts";

/**
 * Changes messages: their next version, and what the search index has of their text. An event that comes late does not move the time of the change back.
 *
 * @param which a condition of the rows of `messages`
 * @param happened the condition that the command's event happened
 */
export function updateMessages(
  which: Sql,
  time: string,
  set: Parameters<typeof updateRows<typeof messages>>[1],
  happened: Sql,
): Sql {
  const { content } = set;
  // A text that only the database knows is put into the index by the running service.
  const folded = content === undefined ? {} : { folded: isSql(content) ? null : foldedMessage(content) };
  return updateRows(
    messages,
    { ...set, ...folded, version: sql`version + 1`, updated_at: sql`max(updated_at, ${time})` },
    sql`${which} and ${happened}`,
  );
}

/** The version that a message will have: for its event, which is written before the change. */
export function nextMessageVersion(id: SqlPart): Sql {
  return sql`(select version + 1 from messages where id = ${id})`;
}
