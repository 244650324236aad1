import type { Actor } from "@stoa/auth";
import { type Sql, type SqlPart, sql } from "@stoa/db";
import { command, notErased, type Part } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";
import { accessTask, taskAccess, taskThere } from "../tasks/access.ts";
import type { Follow } from "./schema.ts";

/**
 * Follows a task, or asks not to: that holds whatever else would make them follow it, until they ask for it again. What
 * is as wanted stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export async function followTask(deps: PeopleDeps, actor: Actor, task_id: string, following: boolean): Promise<Follow> {
  await accessTask(deps, actor, task_id);
  const { user_id } = actor;
  const time = deps.now().toISOString();
  const changed: Part = {
    guard: sql`not exists (select 1 from task_follows
      where task_id = ${task_id} and user_id = ${user_id} and following = ${following})`,
    effects: (happened) => [putFollow(task_id, user_id, following, time, happened)],
  };
  // Refused by its own guard it is as wanted already, by whichever of two requests.
  await command(
    deps.db,
    actor.cause,
    {
      type: following ? "follow.started" : "follow.stopped",
      aggregate_id: user_id,
      entity_id: task_id,
      time,
      data: { task_id, user_id },
    },
    [notErased(actor), taskThere(task_id), taskAccess(actor, task_id), changed],
  );
  return { task_id, following };
}

function putFollow(task_id: string, user_id: string, following: boolean, time: string, happened: Sql): Sql {
  return sql`insert into task_follows (task_id, user_id, following, changed_at)
    select ${task_id}, ${user_id}, ${following}, ${time} where ${happened}
    on conflict (task_id, user_id) do update set following = excluded.following, changed_at = excluded.changed_at`;
}

/**
 * Whoever writes about a task, or is mentioned there, follows it from then on, unless they asked not to.
 *
 * @param task_id a value, or SQL of one; nothing happens where it is null
 * @param users selects them, as `user_id`
 */
export function startFollowing(task_id: SqlPart, users: Sql, time: string, happened: Sql): Sql {
  return sql`insert into task_follows (task_id, user_id, following, changed_at)
    select ${task_id}, user_id, 1, ${time} from (${users})
    where ${task_id} is not null and ${happened} on conflict do nothing`;
}
