import { insertRow, type Sql, sql } from "@stoa/db";
import type { Participant } from "../conversations/schema.ts";
import { participants } from "./table.ts";

/**
 * Someone joins a conversation: they may read what was said before, but it does not count as unread.
 *
 * @param happened the condition that the command's event happened
 */
export function insertParticipant(
  conversation_id: string,
  user_id: string,
  role: Participant["role"],
  time: string,
  happened: Sql,
): Sql {
  const read_seq = sql`(select last_seq from conversations where id = ${conversation_id})`;
  return insertRow(participants, { conversation_id, user_id, role, read_seq, joined_at: time }, happened);
}

/** Those with whom a group begins, besides its owner; it has no messages yet. */
export function insertMembers(conversation_id: string, user_ids: readonly string[], time: string, happened: Sql): Sql {
  return sql`insert into ${participants} (conversation_id, user_id, role, joined_at)
    select ${conversation_id}, value, 'member', ${time} from json_each(${JSON.stringify(user_ids)}) where ${happened}`;
}
