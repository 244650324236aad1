import type { Actor } from "@stoa/auth";
import type { Database } from "@stoa/db";
import { myUnread } from "../conversations/read.ts";

/** What someone has not read. */
export interface Unread {
  total: number;
  conversations: { id: string; unread: number; mentions: number }[];
}

/** Conversations with unread messages, and how many there are in all. */
export async function countUnread(db: Database, { user_id }: Actor): Promise<Unread> {
  const rows = await myUnread.rows(db, { me: user_id });
  const conversations = rows.filter(({ unread }) => unread > 0).map((row) => ({ ...row, mentions: 0 }));
  return { total: conversations.reduce((sum, { unread }) => sum + unread, 0), conversations };
}
