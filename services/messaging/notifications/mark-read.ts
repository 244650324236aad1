import type { Actor } from "@stoa/auth";
import { raw, sql } from "@stoa/db";
import { append, commit } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";

/** Has read notifications: these, or null for all. Those of others, and unknown ones, do not count. */
export async function markNotificationsRead(
  { db, now }: UseCaseDeps,
  actor: Actor,
  ids: readonly string[] | null,
): Promise<void> {
  const { user_id } = actor;
  const chosen = ids === null ? raw("1") : sql`id in (select value from json_each(${JSON.stringify(ids)}))`;
  const unread = sql`user_id = ${user_id} and is_read = 0 and ${chosen}`;
  const read = append(
    actor.cause,
    {
      type: "notification.read",
      aggregate_id: user_id,
      time: now().toISOString(),
      data: { user_id, notification_ids: ids === null ? null : [...ids] },
    },
    sql`exists (select 1 from notifications where ${unread})`,
  );
  await commit(db, read, [sql`update notifications set is_read = 1 where ${unread} and ${read.happened}`]);
}
