import type { Actor } from "@stoa/auth";
import { among, computed, type Database, select, sql } from "@stoa/db";
import { seesTask, t } from "../tasks/row.ts";
import type { MessageCounts } from "./schema.ts";

/** How many messages there are about each of these tasks; those that the user does not see are left out. */
export async function countAbout(
  db: Database,
  { user_id }: Actor,
  task_ids: readonly string[],
): Promise<MessageCounts> {
  const count = computed<number>(
    sql`(select count(*) from messages m where m.task_id = ${t.id} and m.type = 'user' and m.deleted_at is null)`,
  );
  const asked = [...new Set(task_ids)];
  const rows = await db.query(
    select({ task_id: t.id, count }, sql`from ${t} where ${t.id} in ${among(asked)} and ${seesTask(user_id)}`),
  );
  const found = new Map(rows.map((row) => [row.task_id, row]));
  return { items: asked.flatMap((id) => found.get(id) ?? []) };
}
