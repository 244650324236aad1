import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { TaskStatus } from "@stoa/events";
import type { IfMatch } from "@stoa/http/etag";
import { retrying } from "@stoa/journal";
import { writers } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { mayWrite } from "./change.ts";
import { writeEdit } from "./edit.ts";
import { accessLiveTask, type TaskAccess } from "./read.ts";
import type { Task } from "./schema.ts";
import { isClosed } from "./status.ts";

/**
 * Completes a task: who may change it, and who it is assigned to. One that is completed stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`.
 */
export function completeTask(deps: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<Task> {
  return moveTo(deps, actor, id, match, (status) => (status === "completed" ? undefined : "completed"));
}

/**
 * Takes a completed or cancelled task up again, as `pending`. One that is open stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`.
 */
export function reopenTask(deps: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<Task> {
  return moveTo(deps, actor, id, match, (status) => (isClosed(status) ? "pending" : undefined));
}

function moveTo(
  deps: StoreDeps,
  actor: Actor,
  id: string,
  match: IfMatch | undefined,
  next: (status: TaskStatus) => TaskStatus | undefined,
): Promise<Task> {
  return retrying(async () => {
    const access = await accessLiveTask(deps, actor, id);
    const guard = mayFinish(actor, access);
    const { task } = access;
    const to = next(task.status);
    await refuseOverlap(deps.db, match, task, id, to ? ["status"] : []);
    if (!to) return task;
    return writeEdit(deps, actor, { task, changes: [{ field: "status", from: task.status, to }], guards: [guard] });
  });
}

/** Who may change a task may finish it, and so may its assignees, viewers too. Returns the same as a guard. */
function mayFinish(actor: Actor, { task, role }: TaskAccess): Sql {
  const changes = mayWrite(actor, task);
  if (writers.includes(role)) return changes;
  if (!task.assignee_ids.includes(actor.user_id)) {
    throw new StoaError("forbidden", {
      detail: "This takes the role owner or developer, or the task assigned to you.",
    });
  }
  const assigned = sql`exists (select 1 from task_assignees where task_id = ${task.id} and user_id = ${actor.user_id})`;
  return sql`${changes} or ${assigned}`;
}
