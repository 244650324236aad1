import { insertRow, type Sql, sql } from "@stoa/db";
import { messages } from "./table.ts";

/** A message about to be added. */
export interface AddedMessage {
  readonly id: string;
  readonly conversation_id: string;
  readonly type: "user" | "system";
  readonly content: string;
  readonly time: string;
  readonly sender_id?: string;
  readonly recipient_id?: Sql;
  readonly parent_id?: string | null;
  readonly client_id?: string | null;
  readonly client_hash?: string | null;
}

/** The `seq` that the next message of a conversation gets: for the event, before {@link addMessage} allots it. */
export function nextSeq(conversation_id: string): Sql {
  return sql`(select last_seq + 1 from conversations where id = ${conversation_id})`;
}

/**
 * Allots the next `seq` and adds the message under it. The database has one writer, so there is neither a hole nor
 * a double.
 *
 * @param happened of `message.sent`
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
        seq: sql`(select last_seq from conversations where id = ${conversation_id})`,
        created_at: time,
        updated_at: time,
      },
      happened,
    ),
  ];
}
