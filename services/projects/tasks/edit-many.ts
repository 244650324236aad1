import type { Actor } from "@stoa/auth";
import { raw, type Sql, select, sql, updateRows } from "@stoa/db";
import { appendEach, command, type Part } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { stored } from "../stored.ts";
import { type CollectionField, replaceCollections } from "./collections.ts";
import { eventsOf, type TaskChange } from "./edit.ts";
import { movedTo, moveEvent, type ProjectMove } from "./move-project.ts";
import { numberCompletions } from "./number-completions.ts";
import { shapeTask, taskColumns } from "./row.ts";
import type { Task, TaskField } from "./schema.ts";
import { foldedTask } from "./searched.ts";
import { isUnderWay } from "./status.ts";
import { tasks } from "./table.ts";
import type { Wanted } from "./wanted.ts";

/** What one command does to several tasks at once. */
export interface Edits {
  /** All that the command is about, in the order of its answer, as they were read. */
  readonly tasks: readonly Task[];
  /** The values that fields get: the same for each task. */
  readonly wanted: Wanted;
  /** Those whose fields really change, as they are after the move, and how. */
  readonly changed: readonly { readonly task: Task; readonly changes: readonly TaskChange[] }[];
  /** Those that go to another project. */
  readonly move: ProjectMove | undefined;
  /** What must hold besides. */
  readonly parts: readonly Part[];
}

/**
 * Writes one edit of several tasks, all or none of them: a fixed number of statements, whatever the number of tasks.
 * Each task that changes has its events, as if it had been edited alone.
 *
 * @returns the tasks after it, in their order; undefined when it is to be decided anew
 */
export async function writeEdits({ db, now }: StoreDeps, actor: Actor, edits: Edits): Promise<Task[] | undefined> {
  const { changed, move } = edits;
  const time = now().toISOString();
  const said = changed.flatMap((edit) => eventsOf(edit, time));
  const numbered = numberCompletions(said);
  const [first, ...others] = move ? [moveEvent(move, time), ...numbered] : numbered;
  if (!first) return [...edits.tasks];
  const moved = new Set(move?.roots.map(({ id }) => id));
  const changing = [...(move?.roots ?? []), ...changed.map(({ task }) => task)];
  const written: Part = {
    effects: (happened) => [
      ...appendAll(actor, others as readonly TaskEvent[], moved, time, happened),
      ...(changed.length === 0 ? [] : [updateFields(edits, moved, time, happened)]),
      ...updateAssignees(edits, happened),
      ...(["assignee_ids", "labels"] as const).flatMap((field) => writeCollection(edits, field, happened)),
    ],
  };
  const parts = [asRead(changing), ...edits.parts, ...(move ? [movedTo(move, actor.cause, time)] : []), written];
  const ids = edits.tasks.map(({ id }) => id);
  const rows = await command(
    db,
    actor.cause,
    first,
    parts,
    select(taskColumns, sql`from ${tasks} where id in ${among(ids)}`),
  );
  const after = new Map(rows?.map((row) => [row.id, row]));
  return rows && ids.flatMap((id) => after.get(id) ?? []).map(shapeTask);
}

type TaskEvent = ReturnType<typeof eventsOf>[number];

/** A list of ids, as what stands after `in`: one argument, however many they are. */
export function among(ids: readonly string[]): Sql {
  return sql`(select value from json_each(${JSON.stringify(ids)}))`;
}

/** The tasks are live and have the version that was read, and so also the project. */
function asRead(read: readonly Task[]): Part {
  const versions = Object.fromEntries(read.map(({ id, version }) => [id, version]));
  return {
    guard: sql`not exists (select 1 from json_each(${JSON.stringify(versions)}) was
      left join tasks t on t.id = was.key and t.version = was.value and t.deleted_at is null where t.id is null)`,
  };
}

/** Appends the events, a statement for each type. Tasks that moved have their new key and version already. */
function appendAll(
  { cause }: Actor,
  events: readonly TaskEvent[],
  moved: ReadonlySet<string>,
  time: string,
  happened: Sql,
): Sql[] {
  const types = Map.groupBy(events, ({ type }) => type);
  return [...types].map(([type, same]) => {
    const known = same.map(({ entity_id, data: { version, ...data } }) => ({ id: entity_id, data }));
    return appendEach(happened, {
      cause,
      type,
      time,
      aggregate_id: raw("coalesce(t.project_id, t.creator_id)"),
      entity_id: raw("t.id"),
      organization_id: raw("(select organization_id from projects where id = t.project_id)"),
      data: sql`json_set(one.value -> '$.data', '$.key', t.key, '$.version', t.version + ${steps(moved)})`,
      from: sql`json_each(${JSON.stringify(known)}) one join tasks t on t.id = one.value ->> '$.id'`,
      where: raw("1"),
    });
  });
}

/** 1 for a task `t` whose version the edit counts, 0 for one whose move has counted it. */
function steps(moved: ReadonlySet<string>): Sql {
  return moved.size === 0 ? raw("1") : sql`(t.id not in ${among([...moved])})`;
}

/** Every field but the assignees is set on all tasks that change: whoever had the value keeps it. */
function updateFields({ changed, wanted }: Edits, moved: ReadonlySet<string>, time: string, happened: Sql): Sql {
  const { assignee_ids, ...fields } = wanted;
  const { status } = fields;
  const times = status && {
    started_at: isUnderWay(status) ? sql`coalesce(started_at, ${time})` : sql`started_at`,
    completed_at: status === "completed" ? sql`coalesce(completed_at, ${time})` : null,
  };
  const ids = changed.map(({ task }) => task.id);
  return updateRows(
    tasks,
    {
      ...Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, stored(value)])),
      ...times,
      ...foldedTexts(changed, fields),
      version: moved.size === 0 ? sql`version + 1` : sql`version + (id not in ${among([...moved])})`,
      updated_at: time,
    },
    sql`id in ${among(ids)} and ${happened}`,
  );
}

/** What is searched, where a part of it changes: each task has the rest of its own. */
function foldedTexts(changed: Edits["changed"], { title, description }: Wanted): { folded?: Sql } {
  if (title === undefined && description === undefined) return {};
  const texts = changed.map(({ task }) => [
    task.id,
    foldedTask({ title: title ?? task.title, description: description === undefined ? task.description : description }),
  ]);
  const each = JSON.stringify(Object.fromEntries(texts));
  return { folded: sql`(select one.value from json_each(${each}) one where one.key = tasks.id)` };
}

const idsWith = ({ changed }: Edits, field: TaskField) =>
  changed.filter(({ changes }) => changes.some((change) => change.field === field)).map(({ task }) => task.id);

/** Apart from the other fields: who has the same assignees in another order keeps that order. */
function updateAssignees(edits: Edits, happened: Sql): Sql[] {
  const ids = idsWith(edits, "assignee_ids");
  if (ids.length === 0) return [];
  return [
    sql`update tasks set assignee_ids = ${stored(edits.wanted.assignee_ids)} where id in ${among(ids)} and ${happened}`,
  ];
}

function writeCollection(edits: Edits, field: CollectionField, happened: Sql): Sql[] {
  const ids = idsWith(edits, field);
  return ids.length === 0 ? [] : replaceCollections(field, ids, edits.wanted[field] ?? [], happened);
}
