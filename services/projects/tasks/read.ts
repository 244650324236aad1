import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import type { ProjectRole } from "@stoa/events";
import { roleFrom, roleOf, writers } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { readOne } from "./prepared.ts";
import type { Task } from "./schema.ts";
import { shapeTask } from "./shape.ts";

/** A task and what the asker may do with it; the creator of a personal task is its owner. */
export interface TaskAccess {
  readonly task: Task;
  readonly role: ProjectRole;
}

/**
 * Reads a task with the asker's role. One in the trash is there for who may restore it.
 *
 * @throws StoaError `not_found` when there is none, or the asker may not see it.
 */
export async function accessTask({ db }: Pick<StoreDeps, "db">, actor: Actor, id: string): Promise<TaskAccess> {
  const row = await readOne(db, id, actor.user_id);
  if (row) {
    const own: ProjectRole | null = row.creator_id === actor.user_id ? "owner" : null;
    const shared = roleFrom(row.membership, row.organization_role);
    const role = roleOf(actor, row.project_id === null ? own : shared);
    if (role && (row.deleted_at === null || writers.includes(role))) return { task: shapeTask(row), role };
  }
  throw new StoaError("not_found", { detail: "There is no such task, or you may not see it." });
}

/** A task. @throws StoaError `not_found`. */
export async function readTask(deps: Pick<StoreDeps, "db">, actor: Actor, id: string): Promise<Task> {
  return (await accessTask(deps, actor, id)).task;
}

/** A task that is not in the trash: what may be changed. @throws StoaError `not_found`. */
export async function accessLiveTask(deps: Pick<StoreDeps, "db">, actor: Actor, id: string): Promise<TaskAccess> {
  const access = await accessTask(deps, actor, id);
  if (access.task.deleted_at !== null) {
    throw new StoaError("not_found", { detail: "The task is in the trash; restore it first." });
  }
  return access;
}
