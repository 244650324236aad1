import type { Actor } from "@stoa/auth";
import { type Database, type Sql, select, sql } from "@stoa/db";
import { notErased, type Part } from "@stoa/journal";
import { access, requireSender } from "../access.ts";
import { noSuchMessage, readMessage } from "../messages/read.ts";
import { m, messageColumns, shapeMessage } from "../messages/row.ts";
import type { Message } from "../messages/schema.ts";

/** A message, and the parts of a command that its user may still delete it. */
export interface Deletable {
  readonly message: Message;
  readonly rights: readonly Part[];
}

/**
 * A message that the user may delete: their own, while they take part; for superusers also one that was reported, wherever
 * it is.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export async function readDeletable(db: Database, actor: Actor, id: string): Promise<Deletable> {
  const reported = sql`exists (select 1 from reports where message_id = ${id})`;
  if (actor.is_superuser) {
    const [row] = await db.query(
      select(messageColumns(actor.user_id), sql`from ${m} where ${m.id} = ${id} and ${reported}`),
    );
    if (row) return { message: shapeMessage(row), rights: [notErased(actor), asModerator(id, reported)] };
  }
  const message = await readMessage(db, actor, id);
  requireSender(actor, message);
  return { message, rights: access(actor, "participate", message.conversation_id) };
}

/** A report is never taken back, but its message may go with its conversation. */
function asModerator(id: string, reported: Sql): Part {
  return {
    guard: sql`${reported} and exists (select 1 from messages where id = ${id})`,
    why: noSuchMessage,
  };
}
