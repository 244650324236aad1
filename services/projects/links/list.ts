import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type Page, type PageRequest, pagePlan, readPage } from "@stoa/http/list/index";
import { alias } from "drizzle-orm/sqlite-core";
import type { ListDeps } from "../deps.ts";
import { accessTask } from "../tasks/read.ts";
import { linkColumns } from "./read.ts";
import type { Link } from "./schema.ts";
import { links } from "./table.ts";

const other = alias(links, "other");

/**
 * A task's links in both directions, the latest first, without those to tasks in the trash. Links have no titles, so
 * those to tasks that the user does not see are among them.
 *
 * @throws StoaError `not_found`, `forbidden`.
 */
export async function listLinks(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  task_id: string,
  request: PageRequest,
): Promise<Page<Link>> {
  await accessTask(db, actor, task_id);
  const plan = pagePlan(cursor_key, request, {
    name: "links",
    filters: { task_id },
    order: [{ column: links.id, direction: "desc" }],
  });
  const where = sql`${links.id} in (
    select ${other.id} from ${other} join tasks t on t.id = ${other.linked_task_id}
      where ${other.task_id} = ${task_id} and t.deleted_at is null
    union all
    select ${other.id} from ${other} join tasks t on t.id = ${other.task_id}
      where ${other.linked_task_id} = ${task_id} and t.deleted_at is null)`;
  return readPage(db, plan, { columns: linkColumns, from: sql`${links}`, where }, (row) => row);
}
