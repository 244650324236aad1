import type { Actor } from "@stoa/auth";
import { all, type Database, pickColumns, type Select, type Sql, select, sql, unqualified } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { accessToWork } from "../access.ts";
import { accessLiveTask } from "../tasks/read.ts";
import type { Task } from "../tasks/schema.ts";
import { Worklog, worklogFields } from "./schema.ts";
import { worklogs } from "./table.ts";

/** The columns of an entry: those that the answer has. */
export const worklogColumns = pickColumns(worklogs, Worklog.properties);

/** One entry: the answer of a command. It does not check who may see it. */
export function selectWorklog(id: string): Select<Worklog> {
  return select(worklogColumns, sql`from ${worklogs} where id = ${id}`);
}

/** An entry of a task's log. @throws StoaError `not_found`. */
export async function readWorklog(db: Database, task_id: string, id: string): Promise<Worklog> {
  const [worklog] = await db.query(selectWorklog(id));
  if (worklog?.task_id !== task_id) {
    throw new StoaError("not_found", { detail: "This task's work log has no such entry." });
  }
  return worklog;
}

/** The condition that an entry is as it was read: the event of a change says of it what does not change, too. */
export function sameWork(worklog: Worklog): Sql {
  const same = worklogFields.map((field) => sql`${unqualified(worklogs[field])} is ${worklog[field]}`);
  return sql`exists (select 1 from worklogs where ${all([sql`id = ${worklog.id}`, ...same])})`;
}

/** An entry that the user may change, with its task, and the part of a command that they still may. */
export interface OwnWorklog {
  readonly task: Task;
  readonly worklog: Worklog;
  readonly may: Part;
}

/**
 * Reads an entry that is to be changed: it is its user's own, and they may work on the task.
 *
 * @throws StoaError `not_found`, `forbidden`.
 */
export async function accessOwnWorklog(db: Database, actor: Actor, task_id: string, id: string): Promise<OwnWorklog> {
  const { task, role } = await accessLiveTask(db, actor, task_id);
  const worklog = await readWorklog(db, task_id, id);
  const may = accessToWork(actor, task, role);
  if (worklog.user_id !== actor.user_id) {
    throw new StoaError("forbidden", { detail: "This is someone else's work; you can change your own." });
  }
  return { task, worklog, may };
}
