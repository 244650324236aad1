import { among, type Database, type Sql, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { conversations } from "../conversations/table.ts";
import { participants } from "../participants/table.ts";

const [a, b, c] = [alias(participants, "a"), alias(participants, "b"), alias(conversations, "c")];

/** One who asks, and one whom they share a conversation with. */
export interface Shared {
  readonly asker: string;
  readonly user_id: string;
}

/** Which of these users share a conversation with which of those who ask; everyone is among their own. */
export async function sharing(
  db: Database,
  askers: readonly string[],
  user_ids: readonly string[],
): Promise<readonly Shared[]> {
  const both = sql`from ${a} join ${b} on ${b.conversation_id} = ${a.conversation_id}
    join ${c} on ${c.id} = ${a.conversation_id}
    where ${a.user_id} in ${among(askers)} and ${b.user_id} in ${among(user_ids)} and ${lasting}`;
  return await db.query(select({ asker: a.user_id, user_id: b.user_id }, sql`${both} group by 1, 2`));
}

const lasting: Sql = sql`${a.left_at} is null and ${b.left_at} is null and ${c.trashed_at} is null`;
