import { type Handler, on } from "@stoa/bus/types";
import { raw, type Sql, sql } from "@stoa/db";
import { type Envelope, nameOf } from "@stoa/events";
import { alsoOf } from "./also.ts";
import { type WorkEventName, workEventNames } from "./names.ts";
import { FORGOTTEN, KEPT } from "./table.ts";

/** Keeps the last events of projects. They come before the handlers that forget the members of a purged project. */
export const workHandlers: readonly Handler[] = workEventNames.map((name) =>
  on("projection", name, (event) => [keep(event), ...forgetBefore(event), ...forgetPurged(event)]),
);

function keep(event: Envelope<WorkEventName>): Sql {
  const { data, sequence, subject, actorid, time } = event;
  const [type, entity_id] = [nameOf(event), "task_id" in data ? data.task_id : null];
  const owners =
    type === "project.purged"
      ? sql`(select json_group_array(user_id) from memberships where project_id = ${subject} and role = 'owner')`
      : raw("null");
  return sql`insert into work_events
      (seq, type, aggregate_id, project_id, entity_id, also_id, owners, actor_id, time, data)
    values (${sequence}, ${type}, ${subject}, ${data.project_id}, ${entity_id}, ${alsoOf(data)}, ${owners},
      ${actorid}, ${time}, ${JSON.stringify(data)})
    on conflict (seq) do nothing`;
}

/** Events by whose numbers it goes take the oldest out, and not every one: the same ones when the table is built again. */
function forgetBefore({ sequence }: Envelope): Sql[] {
  return sequence % FORGOTTEN === 0 ? [sql`delete from work_events where seq <= ${sequence - KEPT}`] : [];
}

/** Nothing more is told of what is gone for good, and nothing of it is kept. */
function forgetPurged(event: Envelope<WorkEventName>): Sql[] {
  const { data, sequence, subject } = event;
  switch (nameOf(event)) {
    case "task.purged":
      return [
        sql`delete from work_events where entity_id = ${"task_id" in data && data.task_id} and seq < ${sequence}`,
      ];
    case "project.purged":
      return [sql`delete from work_events where project_id = ${subject} and seq < ${sequence}`];
    default:
      return [];
  }
}
