import { cursors, deadLetters } from "@stoa/bus/table";
import {
  among,
  composeOnce,
  computed,
  type Database,
  pickColumns,
  type RowOf,
  raw,
  type Select,
  type Sql,
  select,
  sql,
} from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { workEventNames } from "./names.ts";
import { workEvents } from "./table.ts";

const w = alias(workEvents, "w");
const columns = pickColumns(w, {
  seq: true,
  type: true,
  aggregate_id: true,
  project_id: true,
  entity_id: true,
  owners: true,
  actor_id: true,
  time: true,
  data: true,
});

/** An event of projects. */
export type WorkRow = RowOf<typeof columns>;

/**
 * What is kept, and what is parked because it could not be applied: for streams it has happened. Once it is applied after
 * all, it takes the same place. What is parked and cannot be read either is named by `events replay`.
 */
const source = sql`(
  select seq, type, aggregate_id, project_id, entity_id, also_id, owners, actor_id, time, data, 0 as parked
    from ${workEvents}
  union all select sequence, type, aggregate_id, envelope ->> '$.data.project_id', envelope ->> '$.data.task_id', null,
      null, envelope ->> '$.actorid', envelope ->> '$.time', envelope -> '$.data', 1
    from ${deadLetters} where source = 'projects' and type in ${among(workEventNames)} and json_valid(envelope)) as w`;

/** Rows after a place, in order. */
export const workAfter: (values: { readonly after: number; readonly limit: number }) => Select<WorkRow> = composeOnce(
  (value: (name: "after" | "limit") => Sql) =>
    select(columns, sql`from ${source} where w.seq > ${value("after")} order by w.seq limit ${value("limit")}`),
);

/** Rows in order that may concern a user: those of what they see or lose sight of, and of their own tasks. */
export function workOf(
  user_id: string,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Select<WorkRow> {
  const seen = sql`select project_id from memberships where user_id = ${user_id}
    union select p.id from organization_members o join projects p on p.organization_id = o.organization_id
      where o.user_id = ${user_id}`;
  const belongs = sql`select organization_id from organization_members where user_id = ${user_id}`;
  const theirs = sql`w.project_id in (${seen}) or w.aggregate_id = ${user_id} or w.also_id = ${user_id}
    or w.also_id in (${seen}) or w.also_id in (${belongs}) or w.type = 'project.purged' or w.parked`;
  return select(
    columns,
    sql`from ${source} where w.seq > ${after} and w.seq <= ${upTo} and (${theirs}) order by w.seq limit ${limit}`,
  );
}

/** Selects how far messaging has heard of projects, and of which journal. No row: nothing yet. */
export const workHead = select(
  { journal_id: cursors.journal_id, seq: cursors.seq },
  sql`from ${cursors} where ${cursors.source} = 'projects' and ${cursors.seq} > 0`,
);

/** What became of a task last: where it belongs, and whether it is in the trash or gone. */
export interface Fate {
  readonly seq: number;
  readonly type: WorkRow["type"];
  readonly project_id: string | null;
}

/** The last that is known of where tasks are, by the task. */
export async function fatesOf(db: Database, task_ids: readonly string[]): Promise<ReadonlyMap<string, Fate>> {
  if (task_ids.length === 0) return new Map();
  const { entity_id, type, project_id } = workEvents;
  const rows = await db.query(
    select(
      // Beside max() SQLite answers the columns of that row.
      { seq: computed<number>(sql`max(seq)`), entity_id, type, project_id },
      sql`from ${workEvents} where entity_id in ${among(task_ids)} and type in ${raw(deciding)} group by entity_id`,
    ),
  );
  return new Map(rows.map(({ entity_id: id, ...fate }) => [id ?? "", fate]));
}

const deciding = "('task.moved_project', 'task.trashed', 'task.restored', 'task.purged')";
