import type { Principal } from "@stoa/auth";
import { computed, type Database, select, sql } from "@stoa/db";
import { requireAccess } from "../access.ts";
import { mayWriteIn } from "../blocks/condition.ts";
import { accessColumns, c, conversationAsUser } from "../conversations/row.ts";
import type { Live } from "./live.ts";

/** In conversations with more people than this nobody is told who types. */
const MOST_MEMBERS = 100;

/** What decides over it: the user's rights, how many people there are, and whether the user may be heard there. */
const columnsFor = (user_id: string, conversation_id: string) => ({
  ...accessColumns,
  members: computed<number>(sql`(select count(*) from (select 1 from participants p
    where p.conversation_id = ${c.id} and p.left_at is null limit ${MOST_MEMBERS + 1}))`),
  heard: computed<number>(mayWriteIn(user_id, conversation_id).guard),
});

/**
 * Says that a user types in a conversation. Nothing is stored. In a large one nobody is told, nor in a direct one of two of
 * whom one has blocked the other.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export async function typeIn(
  { db, live }: { readonly db: Database; readonly live: Pick<Live, "type"> },
  { user_id, is_superuser }: Pick<Principal, "user_id" | "is_superuser">,
  conversation_id: string,
): Promise<void> {
  const [found] = await db.query(
    select(columnsFor(user_id, conversation_id), sql`from ${conversationAsUser(user_id, conversation_id)}`),
  );
  requireAccess({ is_superuser }, found, "participate");
  if (found.heard && found.members <= MOST_MEMBERS) await live.type(conversation_id, user_id);
}
