import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { accessToTask, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { appendEachTask } from "./append-each.ts";
import { nextVersion } from "./edit.ts";
import { accessLiveTask, inPlace } from "./read.ts";
import { tasks } from "./table.ts";
import { withSubtasks } from "./tree.ts";

/**
 * Moves a task to the trash, with the tasks below it.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`.
 */
export async function trashTask({ db, now }: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<void> {
  await retrying(db, `task ${id}`, async () => {
    const { task, role } = await accessLiveTask(db, actor, id);
    requireAccess(role, "write");
    requireMatch(match, task);
    const time = now().toISOString();
    const { cause } = actor;
    const { project_id, key, title } = task;
    const subtasks = sql`t.deleted_at is null and t.id <> ${id} and t.id in ${withSubtasks(id)}`;
    const trashed: Part = {
      effects: (happened, event_id) => [
        appendEachTask(happened, { cause, type: "task.trashed", time, where: subtasks }),
        sql`update tasks set deleted_at = ${time}, deletion_id = ${event_id}, updated_at = ${time},
          version = version + 1 where deleted_at is null and id in ${withSubtasks(id)} and ${happened}`,
      ],
    };
    return command(
      db,
      cause,
      {
        type: "task.trashed",
        aggregate_id: project_id ?? task.creator_id,
        entity_id: id,
        time,
        data: { task_id: id, project_id, key, title, version: nextVersion(id) },
      },
      [accessToTask(actor, task), sameVersion(match, tasks, task), inPlace(task), trashed],
    );
  });
}
