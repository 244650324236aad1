import { type Item, keyOf } from "./items.ts";
import { type People, peopleNamed } from "./people.ts";
import type { Kind } from "./schema.ts";
import type { ImportRecord, TaskState } from "./states.ts";

/** The tasks of links that imports have made. */
export function linkedBefore(records: ReadonlyMap<string, ImportRecord>): string[] {
  return [...records.values()].flatMap(({ kind, values: { task_id, linked_task_id } }) =>
    kind === "link" ? [String(task_id), String(linked_task_id)] : [],
  );
}

/** The tasks that items link, as far as they are here. */
export function tasksLinkedBy(items: readonly Item[], records: ReadonlyMap<string, ImportRecord>): string[] {
  return items.flatMap(({ kind, given }) =>
    kind === "link"
      ? [given.task, given.linked_task].flatMap((id) => records.get(keyOf("task", id))?.entity_id ?? [])
      : [],
  );
}

/** The memberships that the items ask about: of a project's members, and of a task's assignees. */
export function pairsOf(
  items: readonly Item[],
  people: People,
  records: ReadonlyMap<string, ImportRecord>,
  states: ReadonlyMap<string, TaskState>,
): [string, string][] {
  const idOf = (kind: Kind, external_id: string | null | undefined) =>
    external_id ? records.get(keyOf(kind, external_id))?.entity_id : undefined;
  const users = new Map<string, readonly string[]>();
  const homes = new Map<string, string | undefined>();
  for (const { kind, given } of items) {
    if (kind === "user") users.set(given.external_id, peopleNamed(people, given));
    if (kind === "task") homes.set(given.external_id, idOf("project", given.project));
  }
  const pairs = (project_id: string | null | undefined, user: string): [string, string][] => {
    if (!project_id) return [];
    const ids = [idOf("user", user), ...(users.get(user) ?? [])].filter((id) => id !== undefined);
    return ids.map((user_id) => [project_id, user_id]);
  };
  return items.flatMap((item) => {
    if (item.kind === "project") {
      const id = idOf("project", item.given.external_id);
      return (item.given.members ?? []).flatMap(({ user }) => pairs(id, user));
    }
    if (item.kind !== "assignee") return [];
    const task = states.get(idOf("task", item.given.task) ?? "")?.task;
    return pairs(task ? task.project_id : homes.get(item.given.task), item.given.user);
  });
}
