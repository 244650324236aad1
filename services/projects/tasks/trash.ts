import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
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
    const trashed: Part = {
      effects: (happened, event_id) => trashWithSubtasks({ cause, id, event_id, time }, happened),
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

/** A task that goes to the trash, or comes back. */
export interface OneOfTrash {
  readonly cause: Cause;
  readonly id: string;
  readonly time: string;
  /** SQL of an object with what the events of its subtasks say besides. */
  readonly more?: Sql;
}

/**
 * What moves a task to the trash with the tasks below it, each of which gets an event; its own the command has.
 *
 * @param event_id the command's event
 */
export function trashWithSubtasks(
  { cause, id, event_id, time, more }: OneOfTrash & { readonly event_id: string },
  happened: Sql,
): Sql[] {
  const subtasks = sql`t.deleted_at is null and t.id <> ${id} and t.id in ${withSubtasks(id)}`;
  return [
    appendEachTask(happened, { cause, type: "task.trashed", time, where: subtasks, ...(more && { more }) }),
    sql`update tasks set deleted_at = ${time}, deletion_id = ${event_id}, updated_at = ${time},
      version = version + 1 where deleted_at is null and id in ${withSubtasks(id)} and ${happened}`,
  ];
}
