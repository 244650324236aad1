import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { takesPart } from "./read.ts";
import type { Conversation } from "./schema.ts";

/**
 * Title and participants of a group are its owner's matter. A superuser may whatever an owner may, in the groups
 * that they take part in: what others say to each other stays theirs.
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
  if (actor.is_superuser) return takesPart(actor.user_id, conversation_id);
  return sql`exists (select 1 from participants where conversation_id = ${conversation_id}
    and user_id = ${actor.user_id} and role = 'owner')`;
}
