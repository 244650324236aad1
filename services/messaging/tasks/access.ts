import type { Actor } from "@stoa/auth";
import { type RowOf, type Select, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";
import { isThere, seesTask, t, taskAccessColumns } from "./row.ts";

/** What decides over a user's rights to the talk about a task. */
export type TaskAccess = RowOf<ReturnType<typeof taskAccessColumns>>;

/** Selects a user's rights to the talk about a task; no row: messaging has not heard of it. */
export function selectTaskAccess({ user_id }: Actor, task_id: string): Select<TaskAccess> {
  return select(taskAccessColumns(user_id), sql`from ${t} where ${t.id} = ${task_id}`);
}

/**
 * Whoever sees a task reads what is said about it, be it by its project or by its organization. A superuser who is in neither
 * does not: from outside they read no conversation.
 *
 * @throws StoaError `not_found`, also for a task in the trash; `forbidden`
 */
export function requireTask(found: TaskAccess | undefined): void {
  if (found?.is_there !== 1) throw noSuchTask();
  if (found.sees !== 1) throw forbidden();
}

/**
 * The same for a task that may be so new that messaging has yet to hear of it.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export async function accessTask({ db, readYourWrites }: PeopleDeps, actor: Actor, task_id: string): Promise<void> {
  const look = async () => (await db.query(selectTaskAccess(actor, task_id)))[0];
  requireTask(await readYourWrites.lookup(look, task_id));
}

/** The part of a command that the task is there, and not in the trash. */
export function taskThere(task_id: string): Part {
  return { guard: sql`exists (select 1 from ${t} where ${t.id} = ${task_id} and ${isThere})`, why: noSuchTask };
}

/** The part of a command that its user still sees the task. */
export function taskAccess({ user_id }: Actor, task_id: string): Part & { readonly guard: Sql } {
  return {
    guard: sql`exists (select 1 from ${t} where ${t.id} = ${task_id} and ${seesTask(user_id)})`,
    why: forbidden,
  };
}

/** The task does not exist, or lies in the trash. */
export function noSuchTask(): StoaError {
  return new StoaError("not_found", { detail: "There is no such task." });
}

function forbidden(): StoaError {
  return new StoaError("forbidden", { detail: "You are not a member of the task's project." });
}
