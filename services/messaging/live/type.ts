import type { Principal } from "@stoa/auth";
import { computed, type Database, select, sql } from "@stoa/db";
import { requireAccess } from "../access.ts";
import { accessColumns, c, conversationAsUser } from "../conversations/row.ts";
import type { Live } from "./live.ts";

/** In conversations with more people than this nobody is told who types. */
const MOST_MEMBERS = 100;

const columns = {
  ...accessColumns,
  members: computed<number>(sql`(select count(*) from (select 1 from participants p
    where p.conversation_id = ${c.id} and p.left_at is null limit ${MOST_MEMBERS + 1}))`),
};

/**
 * Says that a user types in a conversation. Nothing is stored, and in a large one nobody is told.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export async function typeIn(
  { db, live }: { readonly db: Database; readonly live: Pick<Live, "type"> },
  { user_id, is_superuser }: Pick<Principal, "user_id" | "is_superuser">,
  conversation_id: string,
): Promise<void> {
  const [found] = await db.query(select(columns, sql`from ${conversationAsUser(user_id, conversation_id)}`));
  requireAccess({ is_superuser }, found, "participate");
  if (found.members <= MOST_MEMBERS) await live.type(conversation_id, user_id);
}
