import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import type { Change } from "@stoa/events";
import { type Page, type PageRequest, pagePlan, readPage } from "@stoa/http/list/index";
import { journal } from "@stoa/journal";
import type { ListDeps } from "../deps.ts";
import { accessTask } from "./read.ts";
import type { TaskLogEntry } from "./schema.ts";

const { seq, event_id, type, actor_id, time, data } = journal;
const columns = { seq, event_id, type, actor_id, time, data };

/** What happened to a task, the latest first: its rows of the journal. @throws StoaError `not_found`, `forbidden`. */
export async function listLogs(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  task_id: string,
  request: PageRequest,
): Promise<Page<TaskLogEntry>> {
  await accessTask(db, actor, task_id);
  const plan = pagePlan(cursor_key, request, {
    name: "logs",
    filters: { task_id },
    order: [{ column: journal.seq, direction: "desc" }],
  });
  const source = { columns, from: sql`${journal}`, where: sql`${journal.entity_id} = ${task_id}` };
  return readPage(db, plan, source, (row) => {
    const { changes = [], source: by } = JSON.parse(row.data) as { changes?: Change[]; source?: "import" };
    return {
      id: row.event_id,
      task_id,
      actor_id: row.actor_id,
      type: row.type,
      changes,
      source: by ?? (row.actor_id === null ? "system" : "user"),
      occurred_at: row.time,
    };
  });
}
