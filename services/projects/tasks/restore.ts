import type { Actor } from "@stoa/auth";
import { all, raw, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type IfMatch, versionConflict } from "@stoa/http/etag";
import { append, commit, retrying } from "@stoa/journal";
import { requireRole, writers } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { appendEachTask } from "./append-each.ts";
import { mayWrite } from "./change.ts";
import { accessTask } from "./read.ts";
import type { Task } from "./schema.ts";
import { type StoredTask, selectTask, shapeTask } from "./shape.ts";

/**
 * Takes a task out of the trash, with the tasks that went there with it. One that is not there stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `in_trash` when its project or parent still is.
 */
export async function restoreTask({ db, now }: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<Task> {
  return retrying(async () => {
    const { task, role } = await accessTask({ db }, actor, id);
    requireRole(role, writers);
    const matters = match !== undefined && !match.any;
    if (matters && !match.versions.includes(task.version)) throw versionConflict(task);
    if (task.deleted_at === null) return task;
    const time = now().toISOString();
    const { project_id, key, title } = task;
    const event = append(
      actor.cause,
      {
        type: "task.restored",
        aggregate_id: project_id ?? task.creator_id,
        entity_id: id,
        time,
        data: { task_id: id, project_id, key, title, version: sql`(select version + 1 from tasks where id = ${id})` },
      },
      all([
        sql`exists (select 1 from tasks where id = ${id} and deleted_at is not null
          and ${matters ? sql`version = ${task.version}` : raw("1")})`,
        free(task),
        mayWrite(actor, task),
      ]),
    );
    const together = sql`deletion_id = (select deletion_id from tasks where id = ${id})`;
    const below = sql`t.id <> ${id} and t.${together}`;
    const { applied, rows } = await commit<StoredTask>(
      db,
      event,
      [
        appendEachTask(event, { cause: actor.cause, type: "task.restored", time, where: below }),
        sql`update tasks set deleted_at = null, deletion_id = null, updated_at = ${time}, version = version + 1
          where ${together} and ${event.happened}`,
      ],
      selectTask(id),
    );
    if (applied) return rows[0] && shapeTask(rows[0]);
    const [row] = await db.query<{ free: number }>(sql`select ${free(task)} as free`);
    if (row?.free !== 1) throw new StoaError("in_trash");
    return undefined;
  });
}

/** Neither its project nor its parent is in the trash. */
const free = ({ project_id, parent_id }: Task) => sql`
  not exists (select 1 from projects where id = ${project_id} and deleted_at is not null)
  and not exists (select 1 from tasks where id = ${parent_id} and deleted_at is not null)`;
