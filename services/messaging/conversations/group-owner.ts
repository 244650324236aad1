import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Conversation } from "./schema.ts";

/**
 * Title and participants of a group are its owner's matter. A superuser may whatever an owner may; what is said in a
 * group they see only once they are in it, for all to see.
 *
 * @throws StoaError `managed_by_project`, `forbidden`
 */
export function requireGroupOwner(actor: Actor, conversation: Conversation): void {
  if (conversation.type === "project") throw new StoaError("managed_by_project");
  if (conversation.type === "direct" || !owns(actor, conversation)) throw new StoaError("forbidden");
}

function owns(actor: Actor, { participants }: Conversation): boolean {
  return actor.is_superuser || participants.some((p) => p.user_id === actor.user_id && p.role === "owner");
}

/** The same as a guard. */
export function ownedBy(actor: Actor, conversation_id: string): Sql {
  if (actor.is_superuser) {
    return sql`exists (select 1 from conversations where id = ${conversation_id} and type = 'group')`;
  }
  return sql`exists (select 1 from participants where conversation_id = ${conversation_id}
    and user_id = ${actor.user_id} and role = 'owner')`;
}
