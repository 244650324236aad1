import type { Actor } from "@stoa/auth";
import { all, raw, type Sql, sql, updateRows } from "@stoa/db";
import type { Change, TaskStatus } from "@stoa/events";
import { type Appended, append, commit } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { membersOnly, putAssignees, putLabels } from "./lists.ts";
import type { Task } from "./schema.ts";
import { type StoredTask, selectTask, shapeTask } from "./shape.ts";
import { factOf, timesOf } from "./status.ts";
import { tasks } from "./table.ts";

/** The fields of a task that commands change. */
export type TaskField =
  | "title"
  | "description"
  | "status"
  | "priority"
  | "parent_id"
  | "due_at"
  | "labels"
  | "estimate_minutes"
  | "assignee_ids"
  | "rank";

/** What a command does to a task. */
export interface Edit {
  /** The task as the command read it. */
  readonly task: Task;
  /** What really changes; not empty. */
  readonly changes: readonly (Change & { readonly field: TaskField })[];
  /** The asker may still do it, and what else must hold. */
  readonly guards: readonly Sql[];
  /** What it is called, where the fields say no more than that something changed. */
  readonly fact?: "task.moved";
  /** What else belongs to it. */
  readonly effects?: (happened: Sql) => readonly Sql[];
}

/**
 * Writes an edit, unless one of its fields has changed since the task was read: then nothing happens. Other fields may
 * have, so that edits of different fields do not get in each other's way.
 *
 * Assignees are a fact of their own, for who they are matters to others; everything else is one fact.
 *
 * @returns the task after it; undefined when a guard did not hold.
 */
export async function writeEdit({ db, now }: StoreDeps, actor: Actor, edit: Edit): Promise<Task | undefined> {
  const { task, changes } = edit;
  const { id } = task;
  const time = now().toISOString();
  const [first, ...more] = factsOf(actor, edit, time);
  if (!first) return task;
  const assignees = changes.find(({ field }) => field === "assignee_ids")?.to as string[] | undefined;
  const labels = changes.find(({ field }) => field === "labels")?.to as string[] | undefined;
  const { applied, rows } = await commit<StoredTask>(
    db,
    first,
    [
      // Every fact before the change: each says the version that the change will bring.
      ...more.map(({ statement }) => statement),
      updateRows(tasks, valuesOf(task, changes, time), sql`id = ${id} and ${first.happened}`),
      ...(assignees ? putAssignees(id, assignees, first.happened) : []),
      ...(labels ? putLabels(id, labels, first.happened) : []),
      ...(edit.effects?.(first.happened) ?? []),
    ],
    selectTask(id),
  );
  return applied && rows[0] ? shapeTask(rows[0]) : undefined;
}

function factsOf(actor: Actor, { task, changes, guards, fact }: Edit, time: string): Appended[] {
  const { id, project_id, key } = task;
  const { cause } = actor;
  const title = (changes.find(({ field }) => field === "title")?.to as string | undefined) ?? task.title;
  const version = sql`(select version + 1 from tasks where id = ${id})`;
  const about = { aggregate_id: project_id ?? task.creator_id, entity_id: id, time };
  const saying = { task_id: id, project_id, key, title, version };
  const assignment = changes.find(({ field }) => field === "assignee_ids");
  const others = changes.filter((change) => change !== assignment);
  const facts: Appended[] = [];
  const when = () => facts[0]?.happened ?? all([untouched(task, changes), ...guards]);
  if (others.length > 0) {
    const named = factOf(task, others);
    const type = named === "task.updated" ? (fact ?? named) : named;
    facts.push(append(cause, { type, ...about, data: { ...saying, changes: others } }, when()));
  }
  if (assignment) {
    const [before, after] = [assignment.from as string[], assignment.to as string[]];
    const added = after.filter((one) => !before.includes(one));
    const removed = before.filter((one) => !after.includes(one));
    const data = { ...saying, changes: [assignment] };
    facts.push(
      added.length > 0
        ? append(
            cause,
            { type: "task.assigned", ...about, data: { ...data, user_ids: added, removed_user_ids: removed } },
            when(),
          )
        : append(cause, { type: "task.unassigned", ...about, data: { ...data, user_ids: removed } }, when()),
    );
  }
  return facts;
}

/** The task is live, and the fields still hold what the command read. */
function untouched({ id, project_id }: Task, changes: Edit["changes"]): Sql {
  const same = changes.map(({ field, from }) => sql`${raw(field)} is ${stored(from)}`);
  const assignees = changes.find(({ field }) => field === "assignee_ids")?.to as string[] | undefined;
  return all([
    sql`exists (select 1 from tasks where ${all([sql`id = ${id}`, sql`deleted_at is null`, ...same])})`,
    ...(assignees && project_id !== null ? [membersOnly(project_id, assignees)] : []),
  ]);
}

const stored = (value: unknown) => (Array.isArray(value) ? JSON.stringify(value) : (value as string | number | null));

function valuesOf(task: Task, changes: Edit["changes"], time: string): Parameters<typeof updateRows<typeof tasks>>[1] {
  const status = changes.find(({ field }) => field === "status")?.to as TaskStatus | undefined;
  return {
    ...Object.fromEntries(changes.map(({ field, to }) => [field, stored(to)])),
    ...(status ? timesOf(status, task, time) : {}),
    version: sql`version + 1`,
    updated_at: time,
  };
}
