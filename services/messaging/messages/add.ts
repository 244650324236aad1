import { type Sql, sql } from "@stoa/db";
import type { Message } from "./schema.ts";

/** A message to add. */
export interface AddedMessage {
  readonly id: string;
  readonly conversation_id: string;
  readonly type: Message["type"];
  readonly content: string;
  /** `streaming`: an assistant begins to write it. Complete unless given. */
  readonly status?: Message["status"];
  readonly time: string;
  readonly sender_id?: string;
  readonly recipient_id?: Sql;
  readonly parent_id?: string | null;
  readonly client_id?: string | null;
  readonly client_hash?: string | null;
  readonly task_id?: string | null;
  /** What a system message is about. */
  readonly subject?: string;
}

/** The `seq` that the next message of a conversation will have: for its event, which is written before the message. */
export function nextSeq(conversation_id: string): Sql {
  return sql`(select last_seq + 1 from conversations where id = ${conversation_id})`;
}

/**
 * Adds a message with the next `seq` of its conversation. The database has one writer, so no number is left out or given
 * twice. The running service puts it into the search index afterwards; until then a search looks at it by itself.
 *
 * @param happened the condition that the event `message.sent` happened
 */
export function addMessage(message: AddedMessage, happened: Sql): Sql[] {
  const { id, conversation_id, time } = message;
  return [
    sql`update conversations set last_seq = last_seq + 1, updated_at = max(updated_at, ${time})
      where id = ${conversation_id} and ${happened}`,
    // Written out instead of using `insertRow`, because every message goes through it.
    sql`insert into messages (id, conversation_id, seq, row, type, status, subject, sender_id, recipient_id, content, task_id,
        parent_id, client_id, client_hash, created_at, updated_at)
      select ${id}, id, last_seq, (select coalesce(max(row), 0) + 1 from messages), ${message.type},
        ${message.status ?? "complete"}, ${message.subject ?? null}, ${message.sender_id ?? null},
        ${message.recipient_id ?? null}, ${message.content}, ${message.task_id ?? null}, ${message.parent_id ?? null},
        ${message.client_id ?? null}, ${message.client_hash ?? null}, ${time}, ${time}
      from conversations where id = ${conversation_id} and ${happened}`,
  ];
}
