import {
  among,
  breathe,
  computed,
  type Database,
  type RowOf,
  raw,
  type Sql,
  select,
  sql,
  storedJson,
  violates,
} from "@stoa/db";
import { journal, legible } from "@stoa/journal";
import { getTableColumns } from "drizzle-orm";
import { countsFrom } from "./clock.ts";
import { beginningOf } from "./numbers.ts";
import { type KeptTask, Page, type TaskEvent } from "./page.ts";
import { reportCursor, reportTasks, reportTrashings } from "./table.ts";
import type { TaskEventData } from "./task-state.ts";
import { forgetProject, projectLeaves, projectReturns } from "./whole-project.ts";
import { writePage } from "./write-page.ts";

/** Events in one batch: its work keeps other requests waiting for some milliseconds. */
const PAGE = 200;

const { seq, event_id, type, aggregate_id, time, data } = journal;
const columns = { seq, event_id, type, aggregate_id, time, data };
const keptColumns = {
  ...getTableColumns(reportTasks),
  task_id: computed<string>(raw("asked.value")),
  project_id: computed<string | null>(raw("home.entity_id")),
};

/** An event as it was read. */
interface Read {
  readonly seq: number;
  readonly type: string;
  readonly time: string;
  readonly data: unknown;
}

/** Where the projection stands, or will stand. */
export interface Place {
  readonly seq: number;
  readonly clock: number;
}

/**
 * Reads the journal's new events into the tables of reports, up to its end. Requests of one process take turns; other
 * processes may do the same at the same time, since a batch is refused when the cursor has moved.
 *
 * @param stopped asked between two batches: whether to leave the rest for later
 * @throws DamagedEvent at an event that cannot be read, after everything before it was read
 */
export async function keepReports(db: Database, stopped: () => boolean = () => false): Promise<void> {
  await db.turns.take("reports", async () => {
    while (!stopped() && (await keepPage(db))) await breathe();
  });
}

/** @returns whether there may be more */
async function keepPage(db: Database): Promise<boolean> {
  const here = sql`coalesce((select ${reportCursor.seq} from ${reportCursor}), 0)`;
  const [[from = { seq: 0, clock: 0 }], rows] = await db.queryAll([
    select({ seq: reportCursor.seq, clock: reportCursor.clock }, sql`from ${reportCursor}`),
    select(columns, sql`from ${journal} where ${seq} > ${here} order by ${seq} limit ${PAGE}`),
  ]);
  const { events, damaged } = legible("projects", from.seq, rows, ({ seq: at, type: name, time: when }, said): Read => {
    return { seq: at, type: name, time: when, data: said };
  });
  const [first] = events;
  if (!first) {
    if (damaged) throw damaged;
    return false;
  }
  const whole = events.findIndex(isAboutWholeProject);
  try {
    if (whole === 0) await keepProject(db, from, first);
    else await keepTasks(db, from, whole === -1 ? events : events.slice(0, whole));
  } catch (error) {
    // Another process has read these events meanwhile.
    if (!violates(error, "report_cursor.seq")) throw error;
  }
  return true;
}

const effectsOf = new Map([
  ["project.trashed", projectLeaves],
  ["project.restored", projectReturns],
  ["project.purged", () => []],
]);

/** These say nothing of the project's tasks one by one: each is a batch of its own. */
function isAboutWholeProject({ type: name }: Read): boolean {
  return effectsOf.has(name);
}

async function keepProject(db: Database, from: Place, { seq, type, time, data }: Read): Promise<void> {
  const { project_id } = data as { project_id: string };
  const to = { seq, clock: countsFrom(Date.parse(time), from.clock) };
  if (type === "project.purged") await forgetProject(db, project_id);
  const effects = effectsOf.get(type)?.(project_id, to.clock) ?? [];
  await db.write([moveCursor(from, to), ...effects], { relaxed: true });
}

async function keepTasks(db: Database, from: Place, rows: readonly Read[]): Promise<void> {
  let to = from;
  const events: TaskEvent[] = [];
  for (const { seq, type, time, data } of rows) {
    to = { seq, clock: countsFrom(Date.parse(time), to.clock) };
    if (type.startsWith("task.") || type.startsWith("worklog."))
      events.push({ seq, type, at: to.clock, data: data as TaskEventData });
  }
  const page = await pageOf(db, events);
  for (const event of events) page.apply(event);
  await db.write([moveCursor(from, to), ...writePage(page)], { relaxed: true });
}

async function pageOf(db: Database, events: readonly TaskEvent[]): Promise<Page> {
  if (events.length === 0) return new Page([], new Map(), new Set());
  // Of a task that begins on this page nothing is kept yet.
  const begun = new Set(events.flatMap(({ type, data }) => (type === "task.created" ? [data.task_id] : [])));
  const ids = [...new Set(events.map(({ data }) => data.task_id))].filter((id) => !begun.has(id));
  const homes = [...new Set(events.flatMap(({ data }) => data.project_id ?? []))];
  const asked = sql`from json_each(${JSON.stringify(ids)}) asked
    cross join ${reportTasks} on ${reportTasks.row} = ${beginningOf("task", raw("asked.value"))}
    left join journal home on home.seq = ${reportTasks.project}`;
  const [tasks, projects, trashed] = await db.queryAll([
    select(keptColumns, asked),
    select(
      { id: computed<string>(raw("value")), row: computed<number>(beginningOf("project", raw("value"))) },
      sql`from json_each(${JSON.stringify(homes)})`,
    ),
    select(
      { project_id: reportTrashings.project_id },
      sql`from ${reportTrashings} where ${reportTrashings.until} is null and (
        ${reportTrashings.project_id} in ${among(homes)} or ${reportTrashings.project_id} in (select home.entity_id ${asked}))`,
    ),
  ]);
  return new Page(
    tasks.map(taskOf),
    new Map(projects.map(({ id, row }) => [id, row])),
    new Set(trashed.map(({ project_id }) => project_id)),
  );
}

function taskOf({ trashed, assignee_ids, project, ...row }: RowOf<typeof keptColumns>): KeptTask {
  return {
    ...row,
    trashed: trashed === 1,
    assignee_ids: storedJson(assignee_ids, "report_tasks.assignee_ids", row.task_id),
  };
}

/** Moves the cursor, or fails on `report_cursor.seq` when it is not where it was read. */
function moveCursor(from: Place, to: Place): Sql {
  const seq = sql`case when coalesce((select seq from report_cursor), 0) = ${from.seq} then ${to.seq} end`;
  return sql`insert into ${reportCursor} (id, seq, clock) values (1, ${seq}, ${to.clock})
    on conflict (id) do update set seq = excluded.seq, clock = excluded.clock`;
}
