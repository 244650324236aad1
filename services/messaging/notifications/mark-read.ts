import type { Actor } from "@stoa/auth";
import { among, raw, sql } from "@stoa/db";
import { command, type Part } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";

/** Marks notifications as read: these, or null for all. Those of others, and unknown ones, do not count. */
export async function markNotificationsRead(
  { db, now }: StoreDeps,
  actor: Actor,
  ids: readonly string[] | null,
): Promise<void> {
  const { user_id } = actor;
  const chosen = ids === null ? raw("1") : sql`id in ${among(ids)}`;
  const unread = sql`user_id = ${user_id} and is_read = 0 and ${chosen}`;
  const read: Part = {
    guard: sql`exists (select 1 from notifications where ${unread})`,
    effects: (happened) => [sql`update notifications set is_read = 1 where ${unread} and ${happened}`],
  };
  // Without any that is unread nothing happens.
  await command(
    db,
    actor.cause,
    {
      type: "notification.read",
      aggregate_id: user_id,
      time: now().toISOString(),
      data: { user_id, notification_ids: ids === null ? null : [...ids] },
    },
    [read],
  );
}
