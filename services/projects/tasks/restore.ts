import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { access, accessToTask, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { appendEachTask } from "./append-each.ts";
import { nextVersion } from "./edit.ts";
import { accessTask, noSuchTask } from "./read.ts";
import { selectTask, shapeTask } from "./row.ts";
import type { Task } from "./schema.ts";
import { tasks } from "./table.ts";
import type { OneOfTrash } from "./trash.ts";

/**
 * Takes a task out of the trash, with the tasks that went there with it. One that is not there stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `in_trash` when its project or parent still is.
 */
export async function restoreTask({ db, now }: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<Task> {
  return retrying(db, `task ${id}`, async () => {
    const { task, role } = await accessTask(db, actor, id);
    requireAccess(role, "write");
    requireMatch(match, task);
    if (task.deleted_at === null) return task;
    const time = now().toISOString();
    const { cause } = actor;
    const { project_id, key, title } = task;
    const restored: Part = {
      guard: sql`exists (select 1 from tasks
        where id = ${id} and deleted_at is not null and project_id is ${project_id} and title = ${title})`,
      effects: (happened) => restoreTogether({ cause, id, time }, happened),
    };
    const rows = await command(
      db,
      cause,
      {
        type: "task.restored",
        aggregate_id: project_id ?? task.creator_id,
        entity_id: id,
        time,
        data: { task_id: id, project_id, key, title, version: nextVersion(id) },
      },
      [...inOpenTrash(actor, task), sameVersion(match, tasks, task), placeIsLive(task), restored],
      selectTask(id),
    );
    return rows?.[0] && shapeTask(rows[0]);
  });
}

/** What brings a task back with those that went to the trash with it, each of which gets an event; its own the command has. */
export function restoreTogether({ cause, id, time, more }: OneOfTrash, happened: Sql): Sql[] {
  const together = sql`deletion_id = (select deletion_id from tasks where id = ${id})`;
  const below = sql`t.id <> ${id} and t.${together}`;
  return [
    appendEachTask(happened, { cause, type: "task.restored", time, where: below, ...(more && { more }) }),
    sql`update tasks set deleted_at = null, deletion_id = null, updated_at = ${time}, version = version + 1
      where ${together} and ${happened}`,
  ];
}

/** Whoever may not restore it does not see it in the trash, and not even they do while its project is there, unless they own that. */
function inOpenTrash(actor: Actor, task: Task): Part[] {
  const theirs = { ...accessToTask(actor, task), why: noSuchTask };
  if (task.project_id === null) return [theirs];
  const live = sql`not exists (select 1 from projects where id = ${task.project_id} and deleted_at is not null)`;
  return [theirs, { guard: sql`${live} or ${access(actor, "manage", task.project_id).guard}`, why: noSuchTask }];
}

/** Neither its project nor its parent is in the trash. */
function placeIsLive({ project_id, parent_id }: Task): Part {
  return {
    guard: sql`not exists (select 1 from projects where id = ${project_id} and deleted_at is not null)
      and not exists (select 1 from tasks where id = ${parent_id} and deleted_at is not null)`,
    why: () => new StoaError("in_trash"),
  };
}
