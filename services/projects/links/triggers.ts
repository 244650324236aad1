import type { SchemaSql } from "@stoa/db/migrations";

const open = (task: "b" | "old" | "new") =>
  `(${task}.deleted_at is null and ${task}.status not in ('completed', 'cancelled'))`;

/** Whether the task of the statement around it has a blocker that is open. */
const blocked = `exists (select 1 from links l join tasks b on b.id = l.task_id
    where l.linked_task_id = tasks.id and l.type = 'blocks' and ${open("b")})`;

/** The moment of the commit, as in `../sync/triggers.ts`. */
const now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

/** Brings `is_blocked` of some tasks up to date; those that have it right stay as they are. */
const settle = (ids: string) =>
  `update tasks set is_blocked = ${blocked}, changed_at = ${now} where id in (${ids}) and is_blocked <> ${blocked}`;

const json = (value: string) => `json(case ${value} when 1 then 'true' else 'false' end)`;

/**
 * What keeps `is_blocked`. A task's blockers are completed, cancelled, trashed, restored, purged, saved and linked by many
 * commands; triggers see each of them, so that none can forget a task which hangs on another one.
 *
 * `tasks_blocked` is the one place where a change of `is_blocked` is written down: an event about the task, of the same
 * cause and time as the one before it in the journal, which is the command's own. The task's version and `updated_at` stay,
 * since nobody has edited it; `changed_at` says that it shows something else.
 */
export const blockingTriggers: SchemaSql = {
  up: [
    `create trigger tasks_opened after update of status, deleted_at on tasks when ${open("old")} <> ${open("new")}
begin ${settle("select linked_task_id from links where task_id = new.id and type = 'blocks'")}; end`,
    `create trigger links_added after insert on links when new.type = 'blocks'
begin ${settle("new.linked_task_id")}; end`,
    `create trigger links_removed after delete on links when old.type = 'blocks'
begin ${settle("old.linked_task_id")}; end`,
    `create trigger tasks_blocked after update of is_blocked on tasks
when old.is_blocked <> new.is_blocked and new.deleted_at is null begin
  insert into journal (event_id, type, aggregate_id, entity_id, organization_id, actor_id, session_id, request_id,
    traceparent, ip_address, device_info, time, data)
  select substr(event_id, 1, 15) || substr(lower(hex(randomblob(2))), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) ||
      substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))),
    case new.is_blocked when 1 then 'task.blocked' else 'task.unblocked' end,
    coalesce(new.project_id, new.creator_id), new.id,
    (select organization_id from projects where id = new.project_id), actor_id, session_id, request_id,
    traceparent, ip_address, device_info, time,
    json_object('task_id', new.id, 'project_id', new.project_id, 'key', new.key, 'title', new.title,
      'version', new.version, 'changes', json_array(json_object('field', 'is_blocked',
        'from', ${json("old.is_blocked")}, 'to', ${json("new.is_blocked")})))
  from journal order by seq desc limit 1;
end`,
  ],
  down: [
    "drop trigger tasks_blocked",
    "drop trigger links_removed",
    "drop trigger links_added",
    "drop trigger tasks_opened",
  ],
};
