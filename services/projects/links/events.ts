import { type Sql, sql } from "@stoa/db";
import type { Cause, Change, LinkType } from "@stoa/events";
import type { NewEvent } from "@stoa/journal";
import { appendEachTask } from "../tasks/append-each.ts";
import type { Task } from "../tasks/schema.ts";
import type { Link } from "./schema.ts";

/** What the task at the beginning of a link is to the one at its end, and the other way round. */
const words: Readonly<Record<LinkType, readonly [from: string, to: string]>> = {
  blocks: ["blocks", "is_blocked_by"],
  relates_to: ["relates_to", "relates_to"],
  duplicates: ["duplicates", "is_duplicated_by"],
};

/** The two ends of a link, seen from one of them. */
export function otherEnd(link: Link, task_id: string): string {
  return link.task_id === task_id ? link.linked_task_id : link.task_id;
}

/** What happened to a link. */
export interface LinkHappening {
  readonly type: "link.created" | "link.removed";
  readonly link: Link;
  /** The task in whose name it was done: the event of the command is about it. */
  readonly task: Task;
  readonly time: string;
}

/** The event of a change of a link, about the task in whose name it was done. */
export function linkEvent(happening: LinkHappening): NewEvent<LinkHappening["type"]> {
  const { type, task, time } = happening;
  const { id: task_id, project_id, key, title } = task;
  return {
    type,
    aggregate_id: project_id ?? task.creator_id,
    entity_id: task_id,
    time,
    data: {
      task_id,
      project_id,
      key,
      title,
      version: sql`(select version from tasks where id = ${task_id})`,
      ...dataFor(happening, task_id),
    },
  };
}

/** Appends the same about the other task, whose project and title are nobody's business here. */
export function appendOtherEnd(happening: LinkHappening, cause: Cause, happened: Sql): Sql {
  const { type, link, task, time } = happening;
  const other = otherEnd(link, task.id);
  const more = sql`json_set(${JSON.stringify(dataFor(happening, other))}, '$.version', t.version)`;
  return appendEachTask(happened, { cause, type, time, where: sql`t.id = ${other}`, more });
}

/** What the event says of the link, about one of its tasks. */
export function dataFor({ type, link }: Pick<LinkHappening, "type" | "link">, task_id: string) {
  const [from, to] = words[link.type];
  const field = link.task_id === task_id ? from : to;
  const other = otherEnd(link, task_id);
  const change: Change = type === "link.created" ? { field, from: null, to: other } : { field, from: other, to: null };
  return {
    link_id: link.id,
    link_type: link.type,
    from_task_id: link.task_id,
    to_task_id: link.linked_task_id,
    changes: [change],
  };
}
