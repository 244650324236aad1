import { type Sql, sql } from "@stoa/db";
import { updateMessages } from "../messages/update.ts";
import { saidBy } from "../notifications/withdraw.ts";

/**
 * Takes from messages all that they say: the text and what it was before, the hash by which a retry would know it,
 * whom it mentions, reactions and the pin. They keep their places. Nobody is notified of them any more; streams are told of that
 * by `withdraw`, where it comes before.
 *
 * @param which a condition of the rows of `messages`, which still holds when they are empty
 * @param happened the condition that the command's event happened
 */
export function emptyMessages(which: Sql, time: string, happened: Sql): Sql[] {
  const theirs = sql`message_id in (select id from messages where ${which}) and ${happened}`;
  return [
    sql`delete from message_edits where ${theirs}`,
    sql`delete from reactions where ${theirs}`,
    sql`delete from message_mentions where ${theirs}`,
    sql`delete from notifications where ${saidBy(sql`(select id from messages where ${which})`)} and ${happened}`,
    updateMessages(
      sql`${which} and deleted_at is null`,
      time,
      { content: null, client_hash: null, pinned_at: null, deleted_at: time },
      happened,
    ),
  ];
}
