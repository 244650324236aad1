import type { Actor } from "@stoa/auth";
import { computed, select, sql } from "@stoa/db";
import type { PeopleDeps } from "../deps.ts";
import { accessTask } from "../tasks/access.ts";
import { followersOf } from "./followers.ts";
import type { Follow } from "./schema.ts";

/** Whether the user follows a task, for whatever reason. @throws StoaError `not_found`, `forbidden` */
export async function readFollow(deps: PeopleDeps, actor: Actor, task_id: string): Promise<Follow> {
  await accessTask(deps, actor, task_id);
  const following = computed<number>(sql`${actor.user_id} in (${followersOf(task_id)})`);
  const [row] = await deps.db.query(select({ following }, sql``));
  return { task_id, following: row?.following === 1 };
}
