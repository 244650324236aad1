import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { LinkType, TaskPriority } from "@stoa/events";
import { importedFields } from "@stoa/projects/tasks/schema";
import { type Converted, type FileItem, Losses, membersOf } from "./item.ts";

const maybe = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Null()]));
const many = maybe(Type.Array(Type.Unknown()));
const Related = Type.Object({ id: Type.Integer() });
const Person = Type.Object({ id: Type.Integer(), username: Type.String() });

const Task = Type.Object({
  id: Type.Integer(),
  title: Type.String(),
  description: maybe(Type.String()),
  done: maybe(Type.Boolean()),
  priority: maybe(Type.Integer()),
  due_date: maybe(Type.String()),
  start_date: maybe(Type.String()),
  end_date: maybe(Type.String()),
  repeat_after: maybe(Type.Number()),
  labels: maybe(Type.Array(Type.Object({ title: Type.String() }))),
  assignees: maybe(Type.Array(Person)),
  related_tasks: maybe(Type.Record(Type.String(), Type.Union([Type.Array(Related), Type.Null()]))),
  comments: many,
  attachments: many,
  reminders: many,
});
type Task = Static<typeof Task>;

const Project = Type.Object({
  id: Type.Integer(),
  title: Type.String(),
  description: maybe(Type.String()),
  identifier: maybe(Type.String()),
  parent_project_id: maybe(Type.Integer()),
  is_archived: maybe(Type.Boolean()),
  tasks: maybe(Type.Array(Task)),
  buckets: many,
});

/** What is read of the `data.json` in an export of Vikunja: a list of projects. */
const Projects = Type.Array(Project);
type Projects = Static<typeof Projects>;

/** Whether a file is the `data.json` of an export of Vikunja. */
export function isVikunja(data: unknown): data is Projects {
  return Array.isArray(data) && data.length > 0 && Value.Check(Projects, data);
}

/**
 * Projects become projects, with their identifier as key if it is one; tasks become tasks; assignees, known by their
 * username, become developers. Of the relations between tasks, those to the parent, "related",
 * "blocking" and "duplicate of" are carried over, as far as both tasks are in the file.
 */
export function vikunjaItems(projects: Projects): Converted {
  const lost = new Losses();
  const items: FileItem[] = [];
  const users = new Map<string, string>();
  const ids = new Set(projects.flatMap(({ tasks }) => (tasks ?? []).map(({ id }) => id)));
  for (const [index, { tasks, ...project }] of projects.entries()) {
    const at = `[${index}]`;
    const { id, title, description, identifier } = project;
    const key = identifier && /^[A-Za-z][A-Za-z0-9]{0,9}$/.test(identifier) ? { key: identifier } : {};
    const external_id = String(id);
    const members = membersOf((tasks ?? []).flatMap(({ assignees }) => (assignees ?? []).map((one) => String(one.id))));
    const item = { external_id, name: title, description: description || null, ...key, ...members };
    items.push({ at, list: "projects", item });
    if (project.parent_project_id) lost.add("places of projects below others");
    if (project.is_archived) lost.add("that projects are archived");
    lost.add("buckets", project.buckets?.length ?? 0);
    for (const [place, task] of (tasks ?? []).entries()) {
      items.push(...taskItems(`${at}.tasks[${place}]`, task, external_id));
      items.push(...linkItems(`${at}.tasks[${place}]`, task, ids));
      for (const { id: user, username } of task.assignees ?? []) users.set(String(user), username);
      countLosses(task, lost, ids);
    }
  }
  const people = [...users].map(([external_id, username]): FileItem => {
    return { at: `assignee ${username}`, list: "users", item: { external_id, username } };
  });
  return { items: [...people, ...items], lost };
}

const priorities: readonly TaskPriority[] = ["medium", "low", "medium", "high", "urgent", "urgent"];

function taskItems(at: string, task: Task, project: string): FileItem[] {
  const external_id = String(task.id);
  const parent = task.related_tasks?.["parenttask"]?.[0]?.id;
  const item = {
    external_id,
    project,
    title: task.title,
    description: task.description || null,
    status: task.done ? ("completed" as const) : ("pending" as const),
    priority: priorities[task.priority ?? 0] ?? "medium",
    labels: (task.labels ?? []).map(({ title }) => title.slice(0, 50)),
    due_at: timeIn(task.due_date),
    parent: parent === undefined ? null : String(parent),
    ...("start_at" in importedFields && { start_at: timeIn(task.start_date) }),
  };
  return [
    { at, list: "tasks", item },
    ...(task.assignees ?? []).map(({ id }): FileItem => {
      const assignee = { external_id: `${external_id} ${id}`, task: external_id, user: String(id) };
      return { at, list: "assignees", item: assignee };
    }),
  ];
}

/** What a relation of Vikunja is here. */
const linkTypes: ReadonlyMap<string, LinkType> = new Map([
  ["related", "relates_to"],
  ["blocking", "blocks"],
  ["duplicateof", "duplicates"],
]);
/** How the other task of such a relation names it: it says the same once more. */
const mirrored: readonly string[] = ["blocked", "duplicates"];

/** The relations that become links. Two that are related both say so: the one with the lower id counts. */
function linkItems(at: string, { id, related_tasks }: Task, ids: ReadonlySet<number>): FileItem[] {
  return Object.entries(related_tasks ?? {}).flatMap(([kind, related]) => {
    const type = linkTypes.get(kind);
    if (!type) return [];
    return (related ?? []).flatMap(({ id: other }): FileItem[] => {
      if (!ids.has(other) || (kind === "related" && id > other)) return [];
      const external_id = `${id} ${type} ${other}`;
      return [{ at, list: "links", item: { external_id, type, task: String(id), linked_task: String(other) } }];
    });
  });
}

/** Vikunja writes the year 1 where there is no time. */
const timeIn = (time: string | null | undefined) => (time && !time.startsWith("0001-") ? time : null);

function countLosses(task: Task, lost: Losses, ids: ReadonlySet<number>): void {
  lost.add("comments", task.comments?.length ?? 0);
  lost.add("attachments", task.attachments?.length ?? 0);
  lost.add("reminders", task.reminders?.length ?? 0);
  if (task.repeat_after) lost.add("repetitions");
  if (timeIn(task.end_date)) lost.add("end dates");
  if (timeIn(task.start_date) && !("start_at" in importedFields)) lost.add("start dates");
  for (const [kind, related] of Object.entries(task.related_tasks ?? {})) {
    // A subtask says who its parent is itself.
    if (kind === "subtask") continue;
    const carried =
      kind === "parenttask" ? 1 : linkTypes.has(kind) || mirrored.includes(kind) ? inFile(related, ids) : 0;
    lost.add("relations between tasks", Math.max(0, (related?.length ?? 0) - carried));
  }
}

const inFile = (related: readonly { readonly id: number }[] | null, ids: ReadonlySet<number>) =>
  (related ?? []).filter(({ id }) => ids.has(id)).length;
