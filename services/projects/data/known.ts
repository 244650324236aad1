import type { Actor } from "@stoa/auth";
import { among, computed, type Database, nullable, raw, type Select, select, sql } from "@stoa/db";
import type { ProjectRole } from "@stoa/events";
import { emailKey } from "@stoa/mail/address-key";
import { roleIn } from "../access.ts";
import { d } from "../directory/person.ts";
import { directory } from "../directory/table.ts";
import { linkColumns } from "../links/read.ts";
import type { Link } from "../links/schema.ts";
import { links } from "../links/table.ts";
import { m, membersWithNames } from "../members/row.ts";
import { suggestKey } from "../projects/key.ts";
import { p } from "../projects/row.ts";
import { projects } from "../projects/table.ts";
import { shapeTask, taskColumns } from "../tasks/row.ts";
import type { Task } from "../tasks/schema.ts";
import { tasks } from "../tasks/table.ts";
import { type Item, keyOf, kindOf } from "./items.ts";
import type { Values } from "./merge.ts";
import type { Kind } from "./schema.ts";
import { imported } from "./table.ts";

/** What an external id is here. */
export interface ImportRecord {
  readonly kind: Kind;
  readonly external_id: string;
  readonly entity_id: string;
  /** What imports have given last. */
  readonly values: Values;
}

/** A project as a save sees it, with what it has done to it so far. */
export interface ProjectState {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  readonly timezone: string;
  readonly working_days: readonly number[];
  readonly organization_id: string | null;
  readonly version: number;
  readonly deleted_at: string | null;
  /** The asker's. */
  readonly role: ProjectRole | null;
}

/** A task as a save sees it, with what it has done to it so far. */
export interface TaskState {
  readonly task: Task;
  readonly deletion_id: string | null;
  /** False: its key is in the database alone, as this save made it. */
  readonly hasKey: boolean;
}

/** Users whom items may name. */
export interface People {
  readonly byId: ReadonlySet<string>;
  readonly byUsername: ReadonlyMap<string, string>;
  /** By the address that they have verified. */
  readonly byEmail: ReadonlyMap<string, string>;
}

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

/** Somebody whom identity has just added, by the names that an item has for them. */
export interface Met {
  readonly user_id: string;
  readonly username?: string | undefined;
  readonly email?: string | undefined;
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
      { ...row, values: JSON.parse(last_values) as Values },
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

/** The users whom the directory has of those whom items name. */
export async function readPeople(db: Database, items: readonly Item[]): Promise<People> {
  return peopleOf(await db.query(selectPeople(items)), []);
}

/** Whether the directory has all of these users. */
export async function areKnown(db: Database, user_ids: readonly string[]): Promise<boolean> {
  const known = computed<number>(raw("count(*)"));
  const [row] = await db.query(select({ known }, sql`from ${directory} where user_id in ${among(user_ids)}`));
  return row?.known === new Set(user_ids).size;
}

interface Person {
  readonly user_id: string;
  readonly username: string | null;
  readonly email_key: string | null;
}

function peopleOf(persons: readonly Person[], met: readonly Met[]): People {
  const by = (key: string | null | undefined, user_id: string) => (key == null ? [] : [[key, user_id] as const]);
  return {
    byId: new Set(persons.map(({ user_id }) => user_id)),
    // Whom the directory has under a name is who has it.
    byUsername: new Map([
      ...met.flatMap(({ user_id, username }) => by(username?.toLowerCase(), user_id)),
      ...persons.flatMap(({ user_id, username }) => by(username, user_id)),
    ]),
    byEmail: new Map([
      ...met.flatMap(({ user_id, email }) => by(email && emailKey(email), user_id)),
      ...persons.flatMap(({ user_id, email_key }) => by(email_key, user_id)),
    ]),
  };
}

const values = (list: readonly unknown[]) => sql`json_each(${JSON.stringify(list)})`;

function selectRecords(owner_id: string, source: string, items: readonly Item[]) {
  const asked = new Map(items.flatMap(idsIn).map((one) => [keyOf(...one), one]));
  const { kind, external_id, entity_id, last_values } = imported;
  return select(
    { kind, external_id, entity_id, last_values },
    sql`from ${values([...asked.values()])} j cross join ${imported} on owner_id = ${owner_id} and source = ${source}
      and kind = j.value ->> 0 and external_id = j.value ->> 1`,
  );
}

/** The external ids that an item has and refers to. */
function idsIn(item: Item): [Kind, string][] {
  const own: [Kind, string] = [kindOf(item), item.given.external_id];
  const of = (kind: Kind, id: string | null | undefined): [Kind, string][] => (id ? [[kind, id]] : []);
  if (item.kind === "project") {
    return [own, ...(item.given.members ?? []).map(({ user }): [Kind, string] => ["user", user])];
  }
  if (item.kind === "task") return [own, ...of("project", item.given.project), ...of("task", item.given.parent)];
  if (item.kind === "assignee") return [own, ...of("task", item.given.task), ...of("user", item.given.user)];
  if (item.kind === "link") return [own, ...of("task", item.given.task), ...of("task", item.given.linked_task)];
  return [own];
}

/** The tasks of links that imports have made. */
function linkedBefore(records: ReadonlyMap<string, ImportRecord>): string[] {
  return [...records.values()].flatMap(({ kind, values: { task_id, linked_task_id } }) =>
    kind === "link" ? [String(task_id), String(linked_task_id)] : [],
  );
}

/** The tasks that items link, as far as they are here. */
function tasksLinkedBy(items: readonly Item[], records: ReadonlyMap<string, ImportRecord>): string[] {
  return items.flatMap(({ kind, given }) =>
    kind === "link"
      ? [given.task, given.linked_task].flatMap((id) => records.get(keyOf("task", id))?.entity_id ?? [])
      : [],
  );
}

/** The links that begin at some tasks, and at those that they block, directly or by way of others. */
function selectLinks(task_ids: readonly string[]): Select<Link> {
  return select(
    linkColumns,
    sql`from ${links} where ${links.task_id} in (
      with recursive behind (id) as (
        select value from ${values([...new Set(task_ids)])}
        union select l.linked_task_id from links l join behind on l.task_id = behind.id where l.type = 'blocks')
      select id from behind)`,
  );
}

function selectPeople(items: readonly Item[]) {
  const users = items.flatMap(({ kind, given }) => (kind === "user" ? [given] : []));
  const { user_id, username, email_key } = directory;
  return select(
    { user_id, username, email_key },
    sql`from ${directory} where erased_at is null and (user_id in ${among(users.flatMap((one) => one.user_id ?? []))}
      or username in ${among(users.flatMap((one) => one.username?.toLowerCase() ?? []))}
      or email_key in ${among(users.flatMap(({ email }) => (email === undefined ? [] : emailKey(email))))})`,
  );
}

/** The keys that are taken among those that new projects may want. */
function selectKeys(owner_scope: string, items: readonly Item[]) {
  const wanted = items.flatMap((item) =>
    item.kind === "project" ? [item.given.key?.toUpperCase() ?? suggestKey(item.given.name)] : [],
  );
  const { key } = projects;
  return select(
    { key },
    sql`from ${values([...new Set(wanted)])} j cross join ${projects} on owner_scope = ${owner_scope}
      and ${key} >= j.value and ${key} < j.value || ':'`,
  );
}

/** Tasks, and all that they lie below. */
function selectTasks(ids: readonly string[]) {
  return select(
    { ...taskColumns, deletion_id: tasks.deletion_id },
    sql`from ${tasks} where ${tasks.id} in (
      with recursive near (id) as (
        select value from ${values(ids)}
        union select t.parent_id from near join tasks t on t.id = near.id where t.parent_id is not null)
      select id from near)`,
  );
}

function selectHeights(ids: readonly string[]): Select<{ id: string; height: number }> {
  const height = sql`(with recursive below (id, level) as (
      select j.value, 0
      union all select t.id, level + 1 from below join tasks t on t.parent_id = below.id where level < 100)
    select max(level) from below)`;
  return select({ id: computed<string>(raw("j.value")), height: computed<number>(height) }, sql`from ${values(ids)} j`);
}

function selectProjects(actor: Actor, ids: readonly string[]) {
  const { id, key, name, description, timezone, working_days, organization_id, version, deleted_at } = p;
  const role = computed<ProjectRole | null>(roleIn(actor, p.id, p.organization_id));
  return select(
    { id, key, name, description, timezone, working_days, organization_id, version, deleted_at, role },
    sql`from ${p} where ${p.id} in ${among(ids)}`,
  );
}

type StoredState = Omit<ProjectState, "working_days"> & { readonly working_days: string };

const shapeState = ({ working_days, ...row }: StoredState): ProjectState => ({
  ...row,
  working_days: JSON.parse(working_days) as number[],
});

function selectMembers(project_ids: readonly string[], pairs: readonly (readonly [string, string])[]) {
  const columns = { project_id: m.project_id, user_id: m.user_id, role: m.role, is_active: nullable(d.is_active) };
  const owners = sql`select rowid from members
    where project_id in ${among(project_ids)} and role = 'owner'`;
  const asked = sql`select members.rowid from ${values(pairs)} j
    cross join members on project_id = j.value ->> 0 and user_id = j.value ->> 1`;
  return select(columns, sql`from ${membersWithNames} where m.rowid in (${owners} union ${asked})`);
}

type Named = { readonly [field in "user_id" | "username" | "email"]?: string | undefined };

/** Who a user of the payload is here, as far as the directory knows: those who are named. */
export function peopleNamed({ byId, byUsername, byEmail }: People, { user_id, username, email }: Named): string[] {
  const found = [
    user_id !== undefined && byId.has(user_id) ? user_id : undefined,
    username === undefined ? undefined : byUsername.get(username.toLowerCase()),
    email === undefined ? undefined : byEmail.get(emailKey(email)),
  ];
  return [...new Set(found.filter((id) => id !== undefined))];
}

/** The memberships that the items ask about: of a project's members, and of a task's assignees. */
function pairsOf(
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
