import type { Actor } from "@stoa/auth";
import { all, isSql, type Sql, sql, unqualified, updateRows } from "@stoa/db";
import type { Change } from "@stoa/events";
import { append, command, type NewEvent, type Part } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { stored } from "../stored.ts";
import { isCollection, replaceCollection } from "./collections.ts";
import { inPlace } from "./read.ts";
import { selectTask, shapeTask } from "./row.ts";
import type { Task, TaskField } from "./schema.ts";
import { foldedTask } from "./searched.ts";
import { eventOf, timesOf } from "./status.ts";
import { tasks } from "./table.ts";

/** A field that really changes; `to` is SQL where only the database knows it. */
export interface TaskChange extends Change {
  readonly field: TaskField | "rank";
}

/** What a command does to a task. */
export interface Edit {
  /** The task as the command read it. */
  readonly task: Task;
  /** What really changes; not empty. */
  readonly changes: readonly TaskChange[];
  /** What must hold besides, and what else follows, after the change. */
  readonly parts: readonly Part[];
  /** The event's name, where the fields say no more than that something changed. */
  readonly event?: "task.moved";
}

/**
 * Writes an edit, unless one of its fields has changed since the task was read: then nothing happens. Other fields may
 * have, so that edits of different fields do not get in each other's way.
 *
 * Assignees are an event of their own, since others want to know who they are; everything else is one event.
 *
 * @returns the task after it; undefined when it is to be decided anew
 */
export async function writeEdit({ db, now }: StoreDeps, actor: Actor, edit: Edit): Promise<Task | undefined> {
  const { task, changes, parts } = edit;
  const { id } = task;
  const time = now().toISOString();
  const [event, ...others] = eventsOf(edit, time);
  if (!event) return task;
  const written: Part = {
    effects: (happened) => [
      // Before the change, since each says the version that the change will bring.
      ...others.map((other) => append(actor.cause, other, happened).statement),
      updateRows(tasks, valuesOf(task, changes, time), sql`id = ${id} and ${happened}`),
      ...changes.flatMap(({ field, to }) =>
        isCollection(field) ? replaceCollection(field, id, to as string[], happened) : [],
      ),
    ],
  };
  const rows = await command(db, actor.cause, event, [...untouched(task, changes), written, ...parts], selectTask(id));
  return rows?.[0] && shapeTask(rows[0]);
}

type TaskEvent = NewEvent<
  "task.updated" | "task.moved" | "task.completed" | "task.reopened" | "task.assigned" | "task.unassigned"
>;

/** The events of an edit: at most one of the fields, and one of the assignees. */
export function eventsOf(edit: Omit<Edit, "parts">, time: string): TaskEvent[] {
  const { id, project_id, creator_id } = edit.task;
  const about = { aggregate_id: project_id ?? creator_id, entity_id: id, time };
  return saidOf(edit, nextVersion(id), saying).map((said) => ({ ...about, ...said }));
}

/**
 * What the events of an edit say: assignees have one of their own.
 *
 * @param version the one that the edit will bring
 * @param saying the changes as an event says them
 */
export function saidOf<V extends number | Sql, C extends Change[] | Sql>(
  { task, changes, event }: Omit<Edit, "parts">,
  version: V,
  saying: (changes: readonly TaskChange[]) => C,
) {
  const { id, project_id, key } = task;
  const title = (changes.find(({ field }) => field === "title")?.to as string | undefined) ?? task.title;
  const data = { task_id: id, project_id, key, title, version };
  const assignment = changes.find(({ field }) => field === "assignee_ids");
  const others = changes.filter((change) => change !== assignment);
  const type = eventOf(task, others);
  return [
    ...(others.length > 0
      ? [{ type: (type === "task.updated" && event) || type, data: { ...data, changes: saying(others) } }]
      : []),
    ...(assignment ? [assigned(assignment, { ...data, changes: saying([assignment]) })] : []),
  ];
}

function assigned<D extends object>(assignment: TaskChange, data: D) {
  const [before, after] = [assignment.from as string[], assignment.to as string[]];
  const added = after.filter((one) => !before.includes(one));
  const removed = before.filter((one) => !after.includes(one));
  return added.length > 0
    ? { type: "task.assigned" as const, data: { ...data, user_ids: added, removed_user_ids: removed } }
    : { type: "task.unassigned" as const, data: { ...data, user_ids: removed } };
}

/** The changes as the event says them. */
function saying(changes: readonly TaskChange[]): Change[] | Sql {
  const known = changes.map(({ to, ...change }) => ({ ...change, to: isSql(to) ? null : to }));
  return changes.reduce<Change[] | Sql>(
    (said, { to }, index) =>
      isSql(to) ? sql`json_set(${isSql(said) ? said : JSON.stringify(said)}, ${`$[${index}].to`}, ${to})` : said,
    known,
  );
}

/** The version that a task will have after the command: for its event, which is written first. */
export function nextVersion(task_id: string): Sql {
  return sql`(select version + 1 from tasks where id = ${task_id})`;
}

/**
 * The task is in place, and the fields still hold what the command read. Title and description are in the search index
 * together, so that whoever changes one must know the other; so must whoever changes the status know the times that follow it.
 */
function untouched(task: Task, changes: readonly TaskChange[]): readonly Part[] {
  const same = changes.map(({ field, from }) => sql`${unqualified(tasks[field])} is ${stored(from)}`);
  if (changesText(changes)) same.push(sql`description is ${task.description}`);
  if (changes.some(({ field }) => field === "status")) {
    same.push(sql`started_at is ${task.started_at}`, sql`completed_at is ${task.completed_at}`);
  }
  return [inPlace(task), { guard: sql`exists (select 1 from tasks where ${all([sql`id = ${task.id}`, ...same])})` }];
}

const changesText = (changes: readonly TaskChange[]) =>
  changes.some(({ field }) => field === "title" || field === "description");

const valuesIn = (changes: readonly TaskChange[]) => Object.fromEntries(changes.map(({ field, to }) => [field, to]));

function valuesOf(
  task: Task,
  changes: readonly TaskChange[],
  time: string,
): Parameters<typeof updateRows<typeof tasks>>[1] {
  const status = changes.find(({ field }) => field === "status")?.to as Task["status"] | undefined;
  return {
    ...Object.fromEntries(changes.map(({ field, to }) => [field, isSql(to) ? to : stored(to)])),
    ...(status ? timesOf(status, task, time) : {}),
    ...(changesText(changes) ? { folded: foldedTask({ ...task, ...valuesIn(changes) }) } : {}),
    version: sql`version + 1`,
    updated_at: time,
  };
}
