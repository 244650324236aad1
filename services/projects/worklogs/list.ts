import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type Page, type PageRequest, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { accessTask } from "../tasks/read.ts";
import { worklogColumns } from "./read.ts";
import type { Worklog } from "./schema.ts";
import { worklogs } from "./table.ts";

/** A task's work log, the latest entry first. @throws StoaError `not_found`, `forbidden`. */
export async function listWork(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  task_id: string,
  request: PageRequest,
): Promise<Page<Worklog>> {
  await accessTask(db, actor, task_id);
  const plan = pagePlan(cursor_key, request, {
    name: "worklogs",
    filters: { task_id },
    order: [{ column: worklogs.id, direction: "desc" }],
  });
  const source = { columns: worklogColumns, from: sql`${worklogs}`, where: sql`${worklogs.task_id} = ${task_id}` };
  return readPage(db, plan, source, (row) => row);
}
