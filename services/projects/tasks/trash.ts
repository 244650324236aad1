import type { Actor } from "@stoa/auth";
import { all, raw, sql } from "@stoa/db";
import { type IfMatch, versionConflict } from "@stoa/http/etag";
import { append, commit, retrying } from "@stoa/journal";
import { requireRole, writers } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { appendEachTask } from "./append-each.ts";
import { withSubtasks } from "./below.ts";
import { mayWrite } from "./change.ts";
import { accessLiveTask } from "./read.ts";

/**
 * Moves a task to the trash, with the tasks below it.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`.
 */
export async function trashTask({ db, now }: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<void> {
  await retrying(async () => {
    const { task, role } = await accessLiveTask({ db }, actor, id);
    requireRole(role, writers);
    const matters = match !== undefined && !match.any;
    if (matters && !match.versions.includes(task.version)) throw versionConflict(task);
    const time = now().toISOString();
    const { project_id, key, title } = task;
    const event = append(
      actor.cause,
      {
        type: "task.trashed",
        aggregate_id: project_id ?? task.creator_id,
        entity_id: id,
        time,
        data: { task_id: id, project_id, key, title, version: sql`(select version + 1 from tasks where id = ${id})` },
      },
      all([
        sql`exists (select 1 from tasks where id = ${id} and deleted_at is null
          and ${matters ? sql`version = ${task.version}` : raw("1")})`,
        mayWrite(actor, task),
      ]),
    );
    const subtasks = sql`t.deleted_at is null and t.id <> ${id} and t.id in ${withSubtasks(id)}`;
    const { applied } = await commit(db, event, [
      appendEachTask(event, { cause: actor.cause, type: "task.trashed", time, where: subtasks }),
      sql`update tasks set deleted_at = ${time}, deletion_id = ${event.event_id}, updated_at = ${time},
        version = version + 1 where deleted_at is null and id in ${withSubtasks(id)} and ${event.happened}`,
    ]);
    return applied || undefined;
  });
}
