import type { Actor } from "@stoa/auth";
import { type Database, select, sql } from "@stoa/db";
import { c, lasting, mine, participations, unreadColumns } from "../conversations/row.ts";
import type { Unread } from "./schema.ts";

/** Conversations with unread messages, and how many there are in all. */
export async function countUnread(db: Database, { user_id }: Actor): Promise<Unread> {
  const rows = await db.query(
    select(
      unreadColumns,
      sql`from ${participations} where ${mine.user_id} = ${user_id} and ${lasting}
        and ${c.last_seq} > ${mine.read_seq} order by ${c.id}`,
    ),
  );
  const conversations = rows.flatMap(({ id, unread, mentions }) =>
    unread !== null && unread > 0 ? [{ id, unread, mentions }] : [],
  );
  return { total: conversations.reduce((sum, { unread }) => sum + unread, 0), conversations };
}
