import type { Actor } from "@stoa/auth";
import { composeOnce, computed, type Database, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { requireAccess } from "../access.ts";
import { accessColumns, asUser, c } from "../conversations/row.ts";
import { seesItsTask } from "../tasks/row.ts";
import { type MessageRow, m, messageColumns, shapeMessage } from "./row.ts";
import type { Message } from "./schema.ts";

/**
 * A message of a conversation that the user takes part in, or about a task that they see.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export async function readMessage(db: Database, actor: Actor, id: string): Promise<Message> {
  const { type: conversation_type, role } = accessColumns;
  const [row] = await db.query(
    select(
      {
        ...messageColumns(actor.user_id),
        conversation_type,
        role,
        sees_task: computed<number>(seesItsTask(actor.user_id)),
      },
      sql`from ${m} join ${c} on ${c.id} = ${m.conversation_id} ${asUser(actor.user_id)}
        where ${m.id} = ${id} and (${c.trashed_at} is null or ${seesItsTask(actor.user_id)})`,
    ),
  );
  if (!row) throw noSuchMessage();
  const { conversation_type: type, role: theirs, sees_task, ...message } = row;
  if (sees_task !== 1) requireAccess(actor, { type, role: theirs }, "participate");
  return shapeMessage(message);
}

/**
 * Messages by their ids. It does not check who may see them.
 *
 * @param user_id the user who reads; empty where `is_read` is not theirs
 */
export function readMessages(db: Database, user_id: string, ids: readonly string[]): Promise<MessageRow[]> {
  return db.query(messagesOf({ user_id, ids: JSON.stringify(ids) }));
}

const messagesOf = composeOnce((value: (name: "user_id" | "ids") => Sql) =>
  select(
    messageColumns(value("user_id")),
    sql`from ${m} where ${m.id} in (select value from json_each(${value("ids")}))`,
  ),
);

/** Why a message is not found. */
export function noSuchMessage(): StoaError {
  return new StoaError("not_found", { detail: "There is no such message." });
}
