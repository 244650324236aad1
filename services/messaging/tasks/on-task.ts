import { type Handler, on } from "@stoa/bus/types";
import { type Sql, sql } from "@stoa/db";
import type { Envelope, EventName } from "@stoa/events";

/** The events that leave a task as it is, but for what they say of it. */
const changing = [
  "task.updated",
  "task.moved",
  "task.completed",
  "task.reopened",
  "task.blocked",
  "task.unblocked",
] as const satisfies readonly EventName[];

type TaskEvent = Envelope<
  | (typeof changing)[number]
  | "task.created"
  | "task.assigned"
  | "task.unassigned"
  | "task.moved_project"
  | "task.trashed"
  | "task.restored"
>;

/** Keeps tasks as their events tell of them: every event says where its task belongs and what it is called. */
export const taskHandlers: readonly Handler[] = [
  on("projection", "task.created", (event) => [
    put(event, { creator_id: event.actorid, trashed_at: null }),
    ...assign(event.data.task_id, event.data.assignee_ids),
  ]),
  ...changing.map((name) => on("projection", name, (event) => [put(event)])),
  on("projection", "task.assigned", (event) => [
    put(event),
    ...unassign(event.data.task_id, event.data.removed_user_ids),
    ...assign(event.data.task_id, event.data.user_ids),
  ]),
  on("projection", "task.unassigned", (event) => [put(event), ...unassign(event.data.task_id, event.data.user_ids)]),
  on("projection", "task.moved_project", (event) => [
    put(event),
    ...unassign(event.data.task_id, event.data.removed_user_ids),
  ]),
  on("projection", "task.trashed", (event) => [put(event, { trashed_at: event.time })]),
  on("projection", "task.restored", (event) => [put(event, { trashed_at: null })]),
  on("projection", "task.purged", ({ data }) => [
    sql`delete from task_assignees where task_id = ${data.task_id}`,
    sql`delete from tasks where id = ${data.task_id}`,
  ]),
  on("projection", "project.purged", ({ data }) => [
    sql`delete from task_assignees where task_id in (select id from tasks where project_id = ${data.project_id})`,
    sql`delete from tasks where project_id = ${data.project_id}`,
  ]),
];

/** What an event says of its task beside what all say. */
interface Said {
  readonly creator_id?: string | null;
  readonly trashed_at?: string | null;
}

/** Adds or changes a task; an event that is older than what is known changes nothing. */
function put({ data }: TaskEvent, said: Said = {}): Sql {
  const { task_id, project_id, title, version } = data;
  const { creator_id = null, trashed_at = null } = said;
  const trashed = said.trashed_at === undefined ? sql`trashed_at` : sql`excluded.trashed_at`;
  return sql`insert into tasks (id, project_id, title, creator_id, version, trashed_at)
    values (${task_id}, ${project_id}, ${title}, ${creator_id}, ${version}, ${trashed_at})
    on conflict (id) do update set project_id = excluded.project_id, title = excluded.title,
      creator_id = coalesce(excluded.creator_id, creator_id), version = excluded.version, trashed_at = ${trashed}
    where excluded.version >= version`;
}

function assign(task_id: string, user_ids: readonly string[]): Sql[] {
  if (user_ids.length === 0) return [];
  return [
    sql`insert into task_assignees (task_id, user_id) select ${task_id}, value from json_each(${JSON.stringify(user_ids)})
      where true on conflict do nothing`,
  ];
}

function unassign(task_id: string, user_ids: readonly string[]): Sql[] {
  if (user_ids.length === 0) return [];
  return [
    sql`delete from task_assignees where task_id = ${task_id}
      and user_id in (select value from json_each(${JSON.stringify(user_ids)}))`,
  ];
}
