import type { Actor } from "@stoa/auth";
import { among, computed, nullable, raw, type Select, select, sql, storedJson } from "@stoa/db";
import type { ProjectRole } from "@stoa/events";
import { roleIn } from "../access.ts";
import { d } from "../directory/person.ts";
import { linkColumns } from "../links/read.ts";
import type { Link } from "../links/schema.ts";
import { links } from "../links/table.ts";
import { m, membersWithNames } from "../members/row.ts";
import { suggestKey } from "../projects/key.ts";
import { p } from "../projects/row.ts";
import { projects } from "../projects/table.ts";
import { taskColumns } from "../tasks/row.ts";
import { tasks } from "../tasks/table.ts";
import { type Item, keyOf, kindOf } from "./items.ts";
import type { Kind } from "./schema.ts";
import type { ProjectState } from "./states.ts";
import { imported } from "./table.ts";

const values = (list: readonly unknown[]) => sql`json_each(${JSON.stringify(list)})`;

/** What is known of the external ids that items have and refer to. */
export function selectRecords(owner_id: string, source: string, items: readonly Item[]) {
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

/** The links that begin at some tasks, and at those that they block, directly or by way of others. */
export function selectLinks(task_ids: readonly string[]): Select<Link> {
  return select(
    linkColumns,
    sql`from ${links} where ${links.task_id} in (
      with recursive behind (id) as (
        select value from ${values([...new Set(task_ids)])}
        union select l.linked_task_id from links l join behind on l.task_id = behind.id where l.type = 'blocks')
      select id from behind)`,
  );
}

/** The keys that are taken among those that new projects may want. */
export function selectKeys(owner_scope: string, items: readonly Item[]) {
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
export function selectTasks(ids: readonly string[]) {
  return select(
    { ...taskColumns, deletion_id: tasks.deletion_id },
    sql`from ${tasks} where ${tasks.id} in (
      with recursive near (id) as (
        select value from ${values(ids)}
        union select t.parent_id from near join tasks t on t.id = near.id where t.parent_id is not null)
      select id from near)`,
  );
}

/** How many levels of tasks there are below each of these. */
export function selectHeights(ids: readonly string[]): Select<{ id: string; height: number }> {
  const height = sql`(with recursive below (id, level) as (
      select j.value, 0
      union all select t.id, level + 1 from below join tasks t on t.parent_id = below.id where level < 100)
    select max(level) from below)`;
  return select({ id: computed<string>(raw("j.value")), height: computed<number>(height) }, sql`from ${values(ids)} j`);
}

/** Projects, with the asker's role. */
export function selectProjects(actor: Actor, ids: readonly string[]) {
  const { id, key, name, description, timezone, working_days, organization_id, version, deleted_at } = p;
  const role = computed<ProjectRole | null>(roleIn(actor, p.id, p.organization_id));
  return select(
    { id, key, name, description, timezone, working_days, organization_id, version, deleted_at, role },
    sql`from ${p} where ${p.id} in ${among(ids)}`,
  );
}

type StoredState = Omit<ProjectState, "working_days"> & { readonly working_days: string };

/** A project as it was read, as a save sees it. */
export const shapeState = ({ working_days, ...row }: StoredState): ProjectState => ({
  ...row,
  working_days: storedJson(working_days, "projects.working_days", row.id),
});

/** The owners of projects, and the members by pairs of project and user. */
export function selectMembers(project_ids: readonly string[], pairs: readonly (readonly [string, string])[]) {
  const columns = { project_id: m.project_id, user_id: m.user_id, role: m.role, is_active: nullable(d.is_active) };
  const owners = sql`select rowid from members
    where project_id in ${among(project_ids)} and role = 'owner'`;
  const asked = sql`select members.rowid from ${values(pairs)} j
    cross join members on project_id = j.value ->> 0 and user_id = j.value ->> 1`;
  return select(columns, sql`from ${membersWithNames} where m.rowid in (${owners} union ${asked})`);
}
