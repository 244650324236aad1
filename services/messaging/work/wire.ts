import { KindGuard, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { Id, Nullable, Time } from "@stoa/http";

/** What the fields of the events of projects mean to clients. */
const meanings: Readonly<Record<string, string>> = {
  project_id: "The project; null: a personal task.",
  name: "What the project is called.",
  version: "The version of the project or task after it.",
  source: "There if it was done by an import and not by hand.",
  key: "`APP` of a project, `APP-12` of a task; a personal task has none.",
  organization_id: "The organization that the project belongs to.",
  owner_id: "Its first owner.",
  changes: "The fields that changed, each from what to what.",
  user_id: "Whom it is about.",
  role: "Their role in the project; of someone who was removed, the last one.",
  from: "Their role before.",
  to: "Their role from now on.",
  task_id: "The task.",
  title: "What the task is called after it.",
  status: "The status of the task.",
  priority: "The priority of the task.",
  assignee_ids: "Whom the task is assigned to.",
  user_ids: "The users who were assigned, or are no more; those whom a date concerns.",
  removed_user_ids: "The users who are no more assigned.",
  batch: "Which of several tasks of one request it was.",
  from_project_id: "The project that it left; null: it was personal.",
  from_key: "The key that it had there.",
  worklog_id: "The record of work.",
  minutes: "How long.",
  spent_on: "The day of the work.",
  link_id: "The link.",
  link_type: "What the one task is to the other.",
  from_task_id: "The task that blocks, relates to or duplicates.",
  to_task_id: "The task that is blocked, related to or duplicated.",
  due_at: "When it is due.",
};

/** The fields of an event as clients are told them: with their meanings, ids as ids and times as times. */
export function onTheWire(properties: TProperties): TProperties {
  return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, described(name, field)]));
}

function described(name: string, field: TSchema): TSchema {
  const about = { description: meanings[name] ?? name };
  if (name.endsWith("_ids")) return Type.Array(Id(), about);
  const known = name.endsWith("_id") ? Id(about) : name.endsWith("_at") ? Time(about) : undefined;
  if (!known) return { ...field, ...about };
  return KindGuard.IsUnion(field) ? Nullable(known) : known;
}
