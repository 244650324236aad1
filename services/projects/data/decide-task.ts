import { newId } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Change, ProjectRole } from "@stoa/events";
import { allows, permissionInTrash, requireAccess } from "../access.ts";
import { changesFromNothing } from "../tasks/create.ts";
import { saidOf, type TaskChange } from "../tasks/edit.ts";
import { importedFields, type Task, taskDefaults } from "../tasks/schema.ts";
import { unique } from "../tasks/scope.ts";
import { timesOf } from "../tasks/status.ts";
import { keptInTrash } from "./decide-project.ts";
import { type Draft, liveProjectOf, type Outcome, recordOf, referTo, remember, roleAt } from "./draft.ts";
import { merge, type Values } from "./merge.ts";
import { requireParent } from "./parent.ts";
import type { DataTask } from "./schema.ts";
import type { ImportRecord, TaskState } from "./states.ts";

/**
 * Makes a task, or changes the one that the external id is here. One that people moved to the trash stays there; one that
 * an import did comes back.
 *
 * @throws StoaError `not_found` for its project or parent, `forbidden`, `in_trash`, `validation_failed`
 */
export function decideTask(draft: Draft, given: DataTask): Outcome {
  const record = recordOf(draft, "task", given.external_id);
  const state = record && draft.known.tasks.get(record.entity_id);
  if (record && !state && !draft.overwrite) return keptInTrash(record);
  return record && state ? change(draft, given, record, state) : create(draft, given);
}

function create(draft: Draft, given: DataTask): Outcome {
  const { actor, batch, known, time } = draft;
  const project_id = given.project ? referTo(draft, "project", given.project, "/project") : null;
  if (project_id !== null) requireAccess(liveProjectOf(draft, project_id).role, "write");
  const id = newId();
  const parent_id = given.parent ? parentOf(draft, given.external_id, given.parent) : null;
  const fields = { ...taskDefaults, title: given.title, ...fieldsIn(given), parent_id };
  const task: Task = {
    ...fields,
    id,
    key: null,
    number: null,
    project_id,
    creator_id: actor.user_id,
    logged_minutes: 0,
    rank: "",
    is_blocked: false,
    version: 1,
    created_at: time,
    updated_at: time,
    ...timesOf(fields.status, { status: "pending", started_at: null, completed_at: null }, time),
    deleted_at: null,
  };
  requireParent(draft, task, parent_id);
  if (project_id !== null) batch.require("write", project_id);
  batch.put(task, batch.place(project_id ?? actor.user_id), ["assignee_ids", "labels"]);
  const { title, status, priority, assignee_ids } = task;
  const changes = changesFromNothing(fields);
  const data = { task_id: id, project_id, key: null, title, status, priority, assignee_ids, version: 1, changes };
  batch.say("task.created", { ...aboutTask(task), keyed: true }, data);
  known.tasks.set(id, { task, deletion_id: null, hasKey: project_id === null });
  remember(draft, "task", given.external_id, id, { ...fieldValues(fields), project_id });
  return { id, outcome: "created" };
}

function change(draft: Draft, given: DataTask, record: ImportRecord, state: TaskState): Outcome {
  const role = roleAt(draft, state);
  requireAccess(role, "read");
  const { id } = state.task;
  const back = state.task.deleted_at !== null;
  if (back && !comesBack(draft, state, role)) return keptInTrash(record);
  const moved = projectKept(draft, given, record, state.task);
  const parent_id = given.parent ? parentOf(draft, given.external_id, given.parent) : given.parent;
  const wanted: Values = { title: given.title, ...fieldsIn(given), parent_id };
  const { changes, kept: fields, remembered } = merge({ ...state.task }, record.values, wanted, draft.overwrite);
  const kept = [...(moved ? ["project"] : []), ...fields.map((field) => (field === "parent_id" ? "parent" : field))];
  const named = kept.length > 0 ? { kept } : {};
  const values = remembered ?? record.values;
  if (changes.length === 0 && !back) {
    if (remembered) remember(draft, "task", given.external_id, id, values);
    return { id, outcome: "unchanged", ...named };
  }
  requireAccess(role, "write");
  const parent = changes.find(({ field }) => field === "parent_id");
  if (parent) requireParent(draft, state.task, parent.to as string | null);
  if (back) restore(draft, state);
  if (changes.length > 0) edit(draft, id, changes);
  if (remembered) remember(draft, "task", given.external_id, id, values);
  return { id, outcome: "updated", ...named };
}

/** Changes a task, with the events that a change by hand has. It must have been found right before. */
export function edit(draft: Draft, id: string, changes: readonly Change[]): void {
  const { batch, known, time } = draft;
  const state = known.tasks.get(id);
  if (!state) throw new Error("Only a task that is known can be changed.");
  const { task } = state;
  const version = task.version + 1;
  batch.dependOnTask(task);
  if (task.project_id !== null) batch.require("write", task.project_id);
  const said = saidOf({ task, changes: changes as readonly TaskChange[] }, version, (all): Change[] => [...all]);
  for (const { type, data } of said) batch.say(type, { ...aboutTask(task), keyed: !state.hasKey }, data);
  const now: Task = { ...task, ...Object.fromEntries(changes.map(({ field, to }) => [field, to])) };
  const times = changes.some(({ field }) => field === "status") ? timesOf(now.status, task, time) : {};
  const written = { ...now, ...times, version, updated_at: time };
  known.tasks.set(id, { ...state, task: written });
  batch.put(
    written,
    null,
    changes.map(({ field }) => field),
  );
}

/** What every event of a task has beside its own fields. */
export const aboutTask = ({ id, project_id, creator_id }: Task) => ({
  aggregate_id: project_id ?? creator_id,
  entity_id: id,
});

/** Whether a task in the trash comes back: if an import moved it there, or all is overwritten. @throws StoaError `not_found`, `in_trash` */
function comesBack({ known, overwrite }: Draft, { task, deletion_id }: TaskState, role: ProjectRole): boolean {
  const project = task.project_id === null ? undefined : known.projects.get(task.project_id);
  if (!allows(role, permissionInTrash(project?.deleted_at))) {
    throw new StoaError("not_found", { detail: "There is no such task." });
  }
  const byImport = [...known.records.values()].some(({ values }) => values["deletion_id"] === deletion_id);
  if (!byImport && !overwrite) return false;
  const parent = task.parent_id === null ? undefined : known.tasks.get(task.parent_id)?.task;
  if (project?.deleted_at || parent?.deleted_at) throw new StoaError("in_trash");
  return true;
}

/** Takes a task out of the trash, and those that went there with it. */
function restore({ batch, known, time }: Draft, { task, deletion_id }: TaskState): void {
  batch.dependOnTask(task);
  // It does not come back below one that goes to the trash meanwhile.
  const parent = task.parent_id === null ? undefined : known.tasks.get(task.parent_id)?.task;
  if (parent) batch.dependOnTask(parent);
  if (task.project_id !== null) batch.require("write", task.project_id);
  batch.restored.push(task.id);
  const { id: task_id, project_id, key, title } = task;
  batch.say("task.restored", aboutTask(task), { task_id, project_id, key, title, version: task.version + 1 });
  for (const [id, state] of known.tasks) {
    if (state.deletion_id !== deletion_id) continue;
    batch.dependOnTask(state.task);
    const live = { ...state.task, deleted_at: null, version: state.task.version + 1, updated_at: time };
    known.tasks.set(id, { ...state, deletion_id: null, task: live });
  }
}

/** The id here of a task's parent. @throws StoaError `not_found`; `validation_failed` when it would be a part of itself */
function parentOf(draft: Draft, external_id: string, parent: string): string {
  if (draft.circles.has(external_id) && !recordOf(draft, "task", parent)) {
    const message = "The task would be a part of itself, as the parents in this request say.";
    throw new StoaError("validation_failed", { errors: [{ path: "/parent", message }] });
  }
  return referTo(draft, "task", parent, "/parent");
}

/**
 * Whether people have moved the task to another project, where it stays.
 *
 * @throws StoaError `validation_failed` when it is in another project of the source now, or people's changes are to be
 *   overwritten: an import never moves a task, since its subtasks and its key would go along
 */
function projectKept(draft: Draft, { project }: DataTask, { values }: ImportRecord, task: Task): boolean {
  if (project === undefined) return false;
  const wanted = project === null ? null : referTo(draft, "project", project, "/project");
  if (wanted === task.project_id) return false;
  const byHand = wanted === values["project_id"];
  if (byHand && !draft.overwrite) return true;
  const message = byHand
    ? "People have moved the task to another project here. An import does not move it back: do that by hand, or leave out overwrite."
    : "The task is in another project here; move it there by hand.";
  throw new StoaError("validation_failed", { errors: [{ path: "/project", message }] });
}

type Fields = Partial<Pick<Task, keyof typeof importedFields>>;

/** The fields of an item: null as what it clears to, labels each once. Its title stands for itself. */
function fieldsIn(given: DataTask): Fields {
  const entries = Object.keys(importedFields).flatMap((field): [string, unknown][] => {
    const value: unknown = given[field as keyof typeof importedFields];
    if (value === undefined || field === "title") return [];
    if (value === null) return [[field, taskDefaults[field as keyof typeof taskDefaults]]];
    return [[field, Array.isArray(value) ? unique(value) : value]];
  });
  return Object.fromEntries(entries) as Fields;
}

/** What is remembered of a new task: what it was given, and what it has where nothing was said. */
function fieldValues({ assignee_ids: _, ...fields }: Values): Values {
  return fields;
}
