import type { Actor } from "@stoa/auth";
import { type Database, select, sql } from "@stoa/db";
import type { ListDeps } from "../deps.ts";
import { directory } from "../directory/table.ts";
import { listTasks } from "./list.ts";
import { readTask } from "./read.ts";

/**
 * `GET /tasks/{id}` for older clients, who send the id of a user too, and then mean the tasks that are assigned to that
 * user, as far as the asker sees them.
 *
 * @returns a Response, because it is not always what the operation answers
 * @throws StoaError `not_found`, `forbidden`.
 */
export async function readOlder(deps: ListDeps, actor: Actor, id: string): Promise<Response> {
  if (await isUser(deps.db, id)) return Response.json(await listTasks(deps, actor, { assignee_id: [id] }));
  const task = await readTask(deps.db, actor, id);
  return Response.json(task, { headers: { etag: `"${task.version}"` } });
}

async function isUser(db: Database, id: string): Promise<boolean> {
  const { user_id } = directory;
  const found = await db.query(select({ user_id }, sql`from ${directory} where ${user_id} = ${id}`));
  return found.length > 0;
}
