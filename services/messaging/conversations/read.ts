import type { Actor } from "@stoa/auth";
import type { Database } from "@stoa/db";
import { type Permission, requireAccess, requireUnmanaged } from "../access.ts";
import { type ConversationRow, selectConversation, shapeConversation } from "./row.ts";
import type { Conversation } from "./schema.ts";

/** A conversation in which the user has a permission. @throws StoaError `not_found`, `forbidden` */
export async function accessConversation(
  db: Database,
  actor: Actor,
  id: string,
  permission: Permission,
): Promise<Conversation> {
  const [row] = await db.query(selectConversation(actor.user_id, id));
  return conversationFor(actor, row, permission);
}

/** A conversation. @throws StoaError `not_found`, `forbidden` */
export function readConversation(db: Database, actor: Actor, id: string): Promise<Conversation> {
  return accessConversation(db, actor, id, "read");
}

/**
 * A group whose title and participants the user may change.
 *
 * @throws StoaError `not_found`, `forbidden`, `managed_by_project` for a conversation that follows its project
 */
export async function accessGroup(db: Database, actor: Actor, id: string): Promise<Conversation> {
  const [row] = await db.query(selectConversation(actor.user_id, id));
  requireAccess(actor, row, "read");
  requireUnmanaged(row);
  return conversationFor(actor, row, "manage");
}

/** What `selectConversation` read, if the user has the permission. @throws StoaError `not_found`, `forbidden` */
export function conversationFor(actor: Actor, row: ConversationRow | undefined, permission: Permission): Conversation {
  requireAccess(actor, row, permission);
  return shapeConversation(row);
}
