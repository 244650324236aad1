import { type Database, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { membersOnly } from "./lists.ts";
import type { Place } from "./parent.ts";

/**
 * Assignees are members of the task's project; a personal task can be assigned to its creator alone.
 *
 * @param user_ids each once
 * @throws StoaError `not_a_member`.
 */
export async function requireAssignable(db: Database, user_ids: readonly string[], place: Place): Promise<void> {
  if (user_ids.length === 0) return;
  if (place.project_id === null) {
    if (user_ids.every((id) => id === place.creator_id)) return;
    throw new StoaError("not_a_member", { detail: "A personal task can be assigned to its creator alone." });
  }
  const [row] = await db.query<{ may: number }>(sql`select ${membersOnly(place.project_id, user_ids)} as may`);
  if (row?.may !== 1) throw new StoaError("not_a_member");
}
