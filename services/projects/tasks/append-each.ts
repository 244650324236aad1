import { raw, type Sql, sql } from "@stoa/db";
import type { Cause, EventName } from "@stoa/events";
import { appendEach } from "@stoa/journal";

/** An event about each of several tasks. */
export interface EachTask {
  readonly cause: Cause;
  readonly type: EventName & `${"task" | "link"}.${string}`;
  readonly time: string;
  /** Conditions of the tasks `t`. */
  readonly where: Sql;
  /** SQL of an object with what the event's data holds besides what every event of a task does, or in its place. */
  readonly more?: Sql;
}

/** Appends an event for each task that is about to change: the history of each is then complete by itself. */
export function appendEachTask(happened: Sql, { more, ...event }: EachTask): Sql {
  const said = sql`json_object('task_id', t.id, 'project_id', t.project_id, 'key', t.key, 'title', t.title,
    'version', t.version + 1)`;
  return appendEach(happened, {
    ...event,
    aggregate_id: raw("coalesce(t.project_id, t.creator_id)"),
    entity_id: raw("t.id"),
    organization_id: raw("(select organization_id from projects where id = t.project_id)"),
    data: more ? sql`json_patch(${said}, ${more})` : said,
    from: raw("tasks t"),
  });
}
