import type { Actor } from "@stoa/auth";
import { among, raw, type Sql, sql } from "@stoa/db";
import { appendList, command, type NewEvent, notErased, type Part, type StoreDeps } from "@stoa/journal";
import type { Permission } from "../access.ts";
import { accessible } from "../access.ts";
import { pairOf } from "../links/read.ts";
import type { Link } from "../links/schema.ts";
import { numberCompletions } from "../tasks/number-completions.ts";
import { endRank } from "../tasks/rank.ts";
import { restoreTogether } from "../tasks/restore.ts";
import { type Task, taskFields } from "../tasks/schema.ts";
import { foldedTask } from "../tasks/searched.ts";
import { trashWithSubtasks } from "../tasks/trash.ts";
import type { Batch, BatchEvent, TaskWrite } from "./batch.ts";

/** For whom a batch is written. */
export interface Writing {
  readonly actor: Actor;
  readonly source: string;
  readonly time: string;
}

/**
 * Writes a batch, if everything that it was decided by still holds: a fixed number of statements, whatever it holds, but
 * for two for each task that goes to the trash or comes back.
 *
 * @returns whether it was written; otherwise it is to be decided anew
 */
export async function writeBatch({ db }: StoreDeps, writing: Writing, batch: Batch): Promise<boolean> {
  const [first, ...others] = numberCompletions(batch.events);
  if (!first) throw new Error("A batch has an event.");
  const { actor, time } = writing;
  const written = await command(db, actor.cause, { ...firstEvent(first, time) }, [
    notErased(actor),
    ...guardsOf(writing, batch),
    projectsPart(writing, batch),
    tasksPart(writing, batch),
    {
      effects: (happened) => [
        ...(others.length > 0
          ? [appendList(happened, { cause: actor.cause, time, events: others, data: listedData })]
          : []),
        recordsStatement(writing, batch, happened),
        // After the events of the tasks: what becomes blocked by a link says so in an event of its own.
        ...linkStatements(batch, happened),
      ],
    },
  ]);
  return written !== undefined;
}

/** SQL of the rows of a list, `j.value` each; nothing when there are none. */
const list = (rows: readonly unknown[]) => sql`json_each(${JSON.stringify(rows)}) j`;
const some = (rows: { readonly length: number } | { readonly size: number }, statement: () => Sql): Sql[] =>
  ("length" in rows ? rows.length : rows.size) > 0 ? [statement()] : [];

/** The data of the other events, which are written after the tasks: those have their keys by then. */
const listedData = raw(`case when e.value ->> 'keyed' then json_set(e.value -> 'data', '$.key',
  (select key from tasks where id = e.value ->> 'entity_id')) else e.value -> 'data' end`);

/** The first event is written before everything else: the key of a new task is the next one of its project. */
function firstEvent({ keyed, data, ...event }: BatchEvent, time: string): NewEvent<BatchEvent["type"]> {
  const { task_id, project_id } = data as { task_id?: string; project_id?: string | null };
  const next = sql`(select p.key || '-' || (c.last_number + 1) from counters c join projects p on p.id = c.scope_id
    where c.scope_id = ${project_id ?? null})`;
  const key = event.type === "task.created" ? next : sql`(select key from tasks where id = ${task_id ?? null})`;
  return { ...event, time, data: (keyed ? { ...data, key } : data) as NewEvent<BatchEvent["type"]>["data"] };
}

function guardsOf({ actor, source }: Writing, batch: Batch): Part[] {
  const { firsts, people, memberships, taskVersions, projectVersions, permissions, unlinked } = batch;
  const links = [...batch.links.values()];
  const allowed = (permission: Permission) => {
    const ids = [...permissions.values()].flatMap((one) => (one.permission === permission ? [one.project_id] : []));
    return some(
      ids,
      () => sql`not exists (select 1 from ${list(ids)} where not (
      exists (select 1 from projects where id = j.value and deleted_at is null)
      and ${accessible(actor, permission, raw("j.value"))}))`,
    );
  };
  const sameVersions = (table: "tasks" | "projects", versions: ReadonlyMap<string, number>) =>
    some(
      versions,
      () => sql`not exists (select 1 from ${list([...versions])} left join ${raw(table)} t
      on t.id = j.value ->> 0 where t.version is not j.value ->> 1)`,
    );
  const guards = [
    ...some(firsts, () => {
      const ids = firsts.map(({ kind, external_id }) => [kind, external_id]);
      return sql`not exists (select 1 from ${list(ids)} cross join imported on owner_id = ${actor.user_id}
        and source = ${source} and kind = j.value ->> 0 and external_id = j.value ->> 1)`;
    }),
    ...some(
      people,
      // Whom identity has added just now, the directory may not have yet.
      () => sql`not exists (select 1 from ${list([...people])} join directory on user_id = j.value
      where erased_at is not null)`,
    ),
    ...some(
      memberships,
      () => sql`not exists (select 1 from ${list([...memberships.values()])} where not exists (
      select 1 from members where project_id = j.value ->> 0 and user_id = j.value ->> 1))`,
    ),
    ...sameVersions("tasks", taskVersions),
    ...sameVersions("projects", projectVersions),
    ...some(links, () => noneThere(links)),
    ...some(links, () => noRing(links)),
    ...some(
      unlinked,
      () => sql`not exists (select 1 from ${list(unlinked)} left join links l on l.id = j.value
      where l.id is null)`,
    ),
    ...allowed("read"),
    ...allowed("write"),
    ...allowed("manage"),
  ];
  return guards.map((guard) => ({ guard }));
}

/** Projects with their counters and members. Another project may take a key meanwhile: then all is decided anew. */
function projectsPart({ actor, time }: Writing, { newProjects, projects, members }: Batch): Part {
  const made = [...newProjects.values()];
  const changed = [...projects.values()];
  return {
    effects: (happened) => [
      ...some(
        made,
        () => sql`insert into projects (id, owner_scope, key, name, description, timezone, working_days, creator_id,
          version, created_at, updated_at)
        select j.value ->> 'id', ${actor.user_id}, j.value ->> 'key', j.value ->> 'name', j.value ->> 'description',
          j.value ->> 'timezone', j.value ->> 'working_days', ${actor.user_id}, j.value ->> 'version', ${time}, ${time}
        from ${list(made)} where ${happened}`,
      ),
      ...some(
        made,
        () => sql`insert into counters (scope_id, last_number, last_place)
        select j.value ->> 'id', 0, 0 from ${list(made.map(({ id }) => ({ id })))} where ${happened}`,
      ),
      ...some(
        changed,
        () => sql`update projects set name = j.value ->> 'name', description = j.value ->> 'description',
          timezone = j.value ->> 'timezone', working_days = j.value ->> 'working_days', version = j.value ->> 'version', updated_at = ${time}
        from ${list(changed)} where projects.id = j.value ->> 'id' and ${happened}`,
      ),
      ...some(
        members,
        () => sql`insert into members (project_id, user_id, role, joined_at)
        select j.value ->> 'project_id', j.value ->> 'user_id', j.value ->> 'role', ${time} from ${list(members)}
        where ${happened} on conflict (project_id, user_id) do update set role = excluded.role`,
      ),
    ],
    constraints: { "projects.owner_scope, projects.key": () => undefined },
  };
}

/** What changes with a task, and what it is made with besides. */
const changing: readonly string[] = [...taskFields, "folded", "version", "updated_at", "started_at", "completed_at"];
const making: readonly string[] = [...changing, "id", "project_id", "creator_id", "created_at"];
const read = (name: string) => `j.value ->> '${name}'`;
const changingSql = raw(changing.map((name) => `${name} = ${read(name)}`).join(", "));
const [makingNames, makingSql] = [raw(making.join(", ")), raw(making.map(read).join(", "))];

/** Tasks: those that come back first, then those that are new, then what changes, then those that go. */
function tasksPart({ actor, time }: Writing, batch: Batch): Part {
  const all = [...batch.tasks.values()];
  const made = all.filter(({ place }) => place !== null);
  const changed = all.filter(({ place }) => place === null);
  const { cause, user_id } = actor;
  const more = raw(`json_object('source', 'import')`);
  return {
    effects: (happened) => [
      ...batch.restored.flatMap((id) => restoreTogether({ cause, id, time, more }, happened)),
      // A project has its counter from the beginning, a user from their first personal task on.
      ...(batch.places.has(user_id)
        ? [
            sql`insert into counters (scope_id, last_number, last_place) select ${user_id}, 0, 0 where ${happened}
              on conflict (scope_id) do nothing`,
          ]
        : []),
      ...some(
        made,
        () => sql`insert into tasks (${makingNames}, scope, number, key, rank)
        select ${makingSql}, c.row, iif(p.id is null, null, c.last_number + ${raw(read("place"))}),
          p.key || '-' || (c.last_number + ${raw(read("place"))}),
          ${endRank(raw(`coalesce(c.last_place, 0) + ${read("place")}`))}
        from ${list(made.map(rowOf))} left join projects p on p.id = j.value ->> 'project_id'
          left join counters c on c.scope_id = coalesce(p.id, j.value ->> 'creator_id')
        where ${happened} order by j.key`,
      ),
      ...some(
        batch.places,
        () => sql`insert into counters (scope_id, last_number, last_place)
        select j.value ->> 0, j.value ->> 1, j.value ->> 2
        from ${list([...batch.places].map(([id, count]) => [id, id === user_id ? 0 : count, count]))}
        where ${happened} on conflict (scope_id) do update set last_number = last_number + excluded.last_number,
          last_place = last_place + excluded.last_place`,
      ),
      ...some(
        changed,
        () => sql`update tasks set ${changingSql} from ${list(changed.map(rowOf))}
        where tasks.id = j.value ->> 'id' and ${happened}`,
      ),
      ...listStatements(all, "assignee_ids", "task_assignees", "user_id", happened),
      ...listStatements(all, "labels", "task_labels", "label", happened),
      ...batch.trashed.flatMap(({ id, event_id }) => trashWithSubtasks({ cause, id, event_id, time, more }, happened)),
    ],
  };
}

function rowOf({ task, place }: TaskWrite): object {
  const { assignee_ids, labels } = task;
  const lists = { assignee_ids: JSON.stringify(assignee_ids), labels: JSON.stringify(labels) };
  const row: Task = task;
  return { ...row, ...lists, folded: foldedTask(task), place };
}

/** The lists of tasks that stand in tables of their own too. */
function listStatements(
  all: readonly TaskWrite[],
  field: "assignee_ids" | "labels",
  table: "task_assignees" | "task_labels",
  column: "user_id" | "label",
  happened: Sql,
): Sql[] {
  const touched = all.filter(({ lists }) => lists.has(field));
  const old = touched.flatMap(({ task, place }) => (place === null ? [task.id] : []));
  const rows = touched.flatMap(({ task }) => task[field].map((value) => [task.id, value]));
  return [
    ...some(
      old,
      () => sql`delete from ${raw(table)}
      where task_row in (select row from tasks where id in ${among(old)}) and ${happened}`,
    ),
    ...some(
      rows,
      () => sql`insert into ${raw(table)} (task_row, ${raw(column)})
      select t.row, j.value ->> 1 from ${list(rows)} cross join tasks t on t.id = j.value ->> 0 where ${happened}`,
    ),
  ];
}

/** The condition that none of these links is there by now. */
function noneThere(links: readonly Link[]): Sql {
  const pairs = links.map(({ type, task_id, linked_task_id }) => [pairOf(type, task_id, linked_task_id), type]);
  return sql`not exists (select 1 from ${list(pairs)} cross join links l on l.pair = j.value ->> 0
    and l.type = j.value ->> 1)`;
}

/** The condition that no task comes to block itself by these links, directly or by way of others. */
function noRing(links: readonly Link[]): Sql {
  const blocking = links.filter(({ type }) => type === "blocks").map((link) => [link.task_id, link.linked_task_id]);
  return sql`not exists (
    with recursive new (task_id, linked_task_id) as (select j.value ->> 0, j.value ->> 1 from ${list(blocking)}),
      behind (root, id) as (
        select task_id, linked_task_id from new
        union select root, l.linked_task_id from behind join links l on l.task_id = behind.id and l.type = 'blocks'
        union select root, n.linked_task_id from behind join new n on n.task_id = behind.id)
    select 1 from behind where id = root)`;
}

function linkStatements({ links, unlinked }: Batch, happened: Sql): Sql[] {
  return [
    ...some(unlinked, () => sql`delete from links where id in ${among(unlinked)} and ${happened}`),
    ...some(
      links,
      () => sql`insert into links (id, type, task_id, linked_task_id, created_at)
      select j.value ->> 'id', j.value ->> 'type', j.value ->> 'task_id', j.value ->> 'linked_task_id',
        j.value ->> 'created_at'
      from ${list([...links.values()])} where ${happened}`,
    ),
  ];
}

function recordsStatement({ actor, source, time }: Writing, { records }: Batch, happened: Sql): Sql {
  const rows = [...records.values()].map(({ values, ...record }) => ({ ...record, values: JSON.stringify(values) }));
  return sql`insert into imported (owner_id, source, kind, external_id, entity_id, last_values, imported_at)
    select ${actor.user_id}, ${source}, j.value ->> 'kind', j.value ->> 'external_id', j.value ->> 'entity_id',
      j.value ->> 'values', ${time}
    from ${list(rows)} where ${happened}
    on conflict (owner_id, source, kind, external_id) do update set entity_id = excluded.entity_id,
      last_values = excluded.last_values, imported_at = excluded.imported_at`;
}
