import type { Actor } from "@stoa/auth";
import type { TaskStatus } from "@stoa/events";
import type { IfMatch } from "@stoa/http/etag";
import { retrying } from "@stoa/journal";
import { accessToWork } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { writeEdit } from "./edit.ts";
import { accessLiveTask } from "./read.ts";
import type { Task } from "./schema.ts";
import { isClosed } from "./status.ts";

/**
 * Completes a task, for those who may change it and its assignees. One that is completed stays as it is.
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
    const { task, role } = await accessLiveTask(deps.db, actor, id);
    const part = accessToWork(actor, task, role);
    const to = next(task.status);
    await refuseOverlap(deps.db, match, task, id, to ? ["status"] : []);
    if (!to) return task;
    return writeEdit(deps, actor, { task, changes: [{ field: "status", from: task.status, to }], parts: [part] });
  });
}
