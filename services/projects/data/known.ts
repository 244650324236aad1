import type { Actor } from "@stoa/auth";
import { type Database, storedJson } from "@stoa/db";
import type { ProjectRole } from "@stoa/events";
import type { Link } from "../links/schema.ts";
import { shapeTask } from "../tasks/row.ts";
import { linkedBefore, pairsOf, tasksLinkedBy } from "./asked.ts";
import { type Item, keyOf } from "./items.ts";
import type { Values } from "./merge.ts";
import { type Met, type People, peopleOf, selectPeople } from "./people.ts";
import type { Kind } from "./schema.ts";
import {
  selectHeights,
  selectKeys,
  selectLinks,
  selectMembers,
  selectProjects,
  selectRecords,
  selectTasks,
  shapeState,
} from "./select-known.ts";
import type { ImportRecord, ProjectState, TaskState } from "./states.ts";

/** All that items are about and refer to. */
export interface Known {
  /** What is known of external ids, by `keyOf`. */
  readonly records: Map<string, ImportRecord>;
  readonly people: People;
  readonly projects: Map<string, ProjectState>;
  /** Tasks and all above them. */
  readonly tasks: Map<string, TaskState>;
  /** The links of tasks that items link, and of all tasks that these block, directly or by way of others. */
  readonly links: Map<string, Link>;
  /** The roles of members, by project and user: those that are asked about, and all owners. */
  readonly members: Map<string, Map<string, ProjectRole>>;
  /** Those of them who are disabled. */
  readonly inactive: ReadonlySet<string>;
  /** The keys of the asker's projects. */
  readonly keys: Set<string>;
  /** How many levels of tasks there are below a task that may get another parent. */
  readonly heights: ReadonlyMap<string, number>;
}

/**
 * Reads all that items are about and refer to: three reads, and one more for links, however many items there are.
 *
 * @param met people whom the directory may not have yet
 */
export async function readKnown(
  db: Database,
  actor: Actor,
  source: string,
  items: readonly Item[],
  met: readonly Met[] = [],
): Promise<Known> {
  const [rows, persons, taken] = await db.queryAll([
    selectRecords(actor.user_id, source, items),
    selectPeople(items),
    selectKeys(actor.user_id, items),
  ]);
  const records = new Map(
    rows.map(({ last_values, ...row }) => [
      keyOf(row.kind, row.external_id),
      { ...row, values: storedJson<Values>(last_values, "imported.last_values", row.external_id) },
    ]),
  );
  const people = peopleOf(persons, met);
  const idsOf = (kind: Kind) => [...records.values()].flatMap((one) => (one.kind === kind ? [one.entity_id] : []));
  const moving = items.flatMap(({ kind, given }) => {
    const there = kind === "task" && given.parent !== undefined && records.get(keyOf("task", given.external_id));
    return there ? [there.entity_id] : [];
  });
  const linked = linkedBefore(records);
  const task_ids = [...new Set([...idsOf("task"), ...idsOf("assignee"), ...linked])];
  const [found, heights] = await db.queryAll([selectTasks(task_ids), selectHeights(moving)]);
  const ends = [...linked, ...tasksLinkedBy(items, records)];
  const hanging = ends.length > 0 ? await db.query(selectLinks(ends)) : [];
  const states = new Map(
    found.map(({ deletion_id, ...row }) => [row.id, { task: shapeTask(row), deletion_id, hasKey: true }]),
  );
  const project_ids = [
    ...new Set([...idsOf("project"), ...[...states.values()].flatMap(({ task }) => task.project_id ?? [])]),
  ];
  const [homes, memberships] = await db.queryAll([
    selectProjects(actor, project_ids),
    selectMembers(project_ids, pairsOf(items, people, records, states)),
  ]);
  const roles = new Map<string, Map<string, ProjectRole>>(project_ids.map((id) => [id, new Map()]));
  for (const { project_id, user_id, role } of memberships) roles.get(project_id)?.set(user_id, role);
  return {
    records,
    people,
    projects: new Map(homes.map((row) => [row.id, shapeState(row)])),
    tasks: states,
    links: new Map(hanging.map((row) => [row.id, row])),
    members: roles,
    inactive: new Set(memberships.filter(({ is_active }) => is_active === 0).map(({ user_id }) => user_id)),
    keys: new Set(taken.map(({ key }) => key)),
    heights: new Map(heights.map(({ id, height }) => [id, height])),
  };
}
