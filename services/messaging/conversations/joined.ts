import { insertRow, type Sql, sql } from "@stoa/db";
import { participants } from "./table.ts";

/**
 * Someone joins a conversation. What was said before they may read, but it does not count as unread.
 *
 * @param happened of the command's event
 */
export function joined(
  conversation_id: string,
  user_id: string,
  role: "owner" | "member",
  time: string,
  happened: Sql,
): Sql {
  return insertRow(
    participants,
    {
      conversation_id,
      user_id,
      role,
      read_seq: sql`(select last_seq from conversations where id = ${conversation_id})`,
      joined_at: time,
    },
    happened,
  );
}
