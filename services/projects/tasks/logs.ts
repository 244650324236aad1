import type { Actor } from "@stoa/auth";
import { all, sql } from "@stoa/db";
import type { Change } from "@stoa/events";
import { mapItems, type Page, type PageRequest, pagePlan } from "@stoa/http/list/index";
import type { JournalRow } from "@stoa/journal";
import type { ListDeps } from "../deps.ts";
import { readPage } from "../read-page.ts";
import { accessTask } from "./read.ts";
import type { LogEntry } from "./schema.ts";

type LogRow = Pick<JournalRow, "seq" | "event_id" | "type" | "actor_id" | "time" | "data">;

/** What happened to a task, the latest first: its rows of the journal. @throws StoaError `not_found`. */
export async function listLogs(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  task_id: string,
  request: PageRequest,
): Promise<Page<LogEntry>> {
  await accessTask({ db }, actor, task_id);
  const plan = pagePlan(cursor_key, request, {
    name: "logs",
    filters: { task_id },
    order: [{ column: "seq", direction: "desc" }],
  });
  const mine = sql`entity_id = ${task_id}`;
  const page = sql`select seq, event_id, type, actor_id, time, data from journal
    where ${all([mine, plan.where])} order by ${plan.order} limit ${plan.limit}`;
  const total = sql`select count(*) as total from journal where ${mine}`;
  return mapItems(await readPage<LogRow>(db, plan, page, total), (row) => entryOf(task_id, row));
}

function entryOf(task_id: string, { event_id, type, actor_id, time, data }: LogRow): LogEntry {
  const { changes = [] } = JSON.parse(data) as { changes?: Change[] };
  return {
    id: event_id,
    task_id,
    actor_id,
    type,
    changes,
    source: actor_id === null ? "system" : "user",
    occurred_at: time,
  };
}
