import type { Actor } from "@stoa/auth";
import { type Database, type Sql, sql } from "@stoa/db";
import { conversationIn, overseenConversation, readConversation, selectConversation } from "./read.ts";
import type { Conversation } from "./schema.ts";

/**
 * A conversation that the asker takes part in, or that a superuser looks after as its owner would: who is in a group
 * and what it is called, but nothing that was said there.
 *
 * @throws StoaError `not_found`
 */
export async function readAsOwner(db: Database, actor: Actor, id: string): Promise<Conversation> {
  if (!actor.is_superuser) return readConversation(db, actor.user_id, id);
  return conversationIn(await db.query(selectAsOwner(actor, id)));
}

/** The answer of a command that is the owner's to give. */
export function selectAsOwner(actor: Actor, id: string): Sql {
  const { user_id: me, is_superuser } = actor;
  const asked = selectConversation(me, id);
  return is_superuser ? sql`${asked} union all ${overseenConversation.statement({ me, id })}` : asked;
}
