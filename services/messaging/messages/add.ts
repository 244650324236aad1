import { insertRow, type Sql, sql } from "@stoa/db";
import type { Message } from "./schema.ts";
import { foldedMessage } from "./searched.ts";
import { messages } from "./table.ts";

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
 * twice.
 *
 * @param happened the condition that the event `message.sent` happened
 */
export function addMessage({ time, ...message }: AddedMessage, happened: Sql): Sql[] {
  const { conversation_id } = message;
  return [
    sql`update conversations set last_seq = last_seq + 1, updated_at = max(updated_at, ${time})
      where id = ${conversation_id} and ${happened}`,
    insertRow(
      messages,
      {
        ...message,
        row: sql`(select coalesce(max(row), 0) + 1 from messages)`,
        folded: foldedMessage(message.content),
        seq: sql`(select last_seq from conversations where id = ${conversation_id})`,
        created_at: time,
        updated_at: time,
      },
      happened,
    ),
  ];
}
