import type { Actor } from "@stoa/auth";
import { raw, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { TaskStatus } from "@stoa/events";
import type { IfMatch } from "@stoa/http/etag";
import { type Part, retrying } from "@stoa/journal";
import { allows } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { mayWrite, writeEdit } from "./edit.ts";
import { accessLiveTask, type TaskAccess } from "./read.ts";
import type { Task } from "./schema.ts";
import { isClosed } from "./status.ts";

/**
 * Completes a task: whoever may change it, and whoever it is assigned to. One that is completed stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`.
 */
export function completeTask(deps: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<Task> {
  return setStatus(deps, actor, id, match, (status) => (status === "completed" ? undefined : "completed"));
}

/**
 * Takes a completed or cancelled task up again, as `pending`. One that is open stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`.
 */
export function reopenTask(deps: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<Task> {
  return setStatus(deps, actor, id, match, (status) => (isClosed(status) ? "pending" : undefined));
}

function setStatus(
  deps: StoreDeps,
  actor: Actor,
  id: string,
  match: IfMatch | undefined,
  next: (status: TaskStatus) => TaskStatus | undefined,
): Promise<Task> {
  return retrying(deps.db, `task ${id}`, async () => {
    const access = await accessLiveTask(deps.db, actor, id);
    const { task } = access;
    const part = mayFinish(actor, access);
    const to = next(task.status);
    await refuseOverlap(deps.db, match, task, id, to ? ["status"] : []);
    if (!to) return task;
    return writeEdit(deps, actor, { task, changes: [{ field: "status", from: task.status, to }], parts: [part] });
  });
}

/** Whoever may change a task may finish it, and so may its assignees, viewers too. */
function mayFinish(actor: Actor, { task, role }: TaskAccess): Part {
  if (allows(role, "write")) return mayWrite(actor, task);
  const why = () => {
    const detail = "You need the role owner or developer in this project, or the task assigned to you.";
    return new StoaError("forbidden", { detail });
  };
  if (!task.assignee_ids.includes(actor.user_id)) throw why();
  const assigned = sql`exists (select 1 from task_assignees where task_id = ${task.id} and user_id = ${actor.user_id})`;
  return { guard: sql`${assigned} or ${mayWrite(actor, task).guard ?? raw("1")}`, why };
}
