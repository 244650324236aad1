import type { Actor } from "@stoa/auth";
import { type Database, sql } from "@stoa/db";

/** What someone has not read. */
export interface Unread {
  total: number;
  conversations: { id: string; unread: number; mentions: number }[];
}

/** Conversations with unread messages, and how many there are in all. */
export async function countUnread(db: Database, { user_id }: Actor): Promise<Unread> {
  const rows = await db.query<{ id: string; unread: number }>(
    sql`select * from (
      select c.id, c.last_seq - mine.read_seq - (select count(*) from messages u
          where u.conversation_id = c.id and u.seq > mine.read_seq and (u.type = 'system' or u.deleted_at is not null))
        as unread
      from participants mine join conversations c on c.id = mine.conversation_id
      where mine.user_id = ${user_id} and mine.left_at is null and c.trashed_at is null and c.last_seq > mine.read_seq
    ) where unread > 0 order by id`,
  );
  return {
    total: rows.reduce((sum, row) => sum + row.unread, 0),
    conversations: rows.map((row) => ({ ...row, mentions: 0 })),
  };
}
