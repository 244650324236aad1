import type { Actor } from "@stoa/auth";
import { all, sql } from "@stoa/db";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import { requireAccess, selectAccess } from "../access.ts";
import { asUser, c } from "../conversations/row.ts";
import type { ListDeps, PeopleDeps } from "../deps.ts";
import { accessTask } from "../tasks/access.ts";
import { m, messageColumns, shapeMessage, unreadByMe } from "./row.ts";
import type { Message, MessagesQuery } from "./schema.ts";

type Talk = MessagesQuery & { readonly task_id: string };

/**
 * What is said about a task, newest first, in whatever conversation: that of its project, and those of the projects that
 * it was in before. Whoever sees the task reads all of it.
 *
 * @throws StoaError `not_found`, `forbidden` for the task, and for the conversation if one is named; `invalid_cursor`
 */
export async function listTalk(deps: ListDeps & PeopleDeps, actor: Actor, query: Talk): Promise<Page<Message>> {
  const { db, cursor_key } = deps;
  const { task_id, conversation_id, with_user_id, unread = false } = query;
  const { user_id } = actor;
  const plan = pagePlan(cursor_key, query, {
    name: "talk about a task",
    filters: { user_id, task_id, conversation_id, with_user_id, unread },
    order: [{ column: m.id, direction: "desc" }],
  });
  await accessTask(deps, actor, task_id);
  if (conversation_id !== undefined) {
    const [access] = await db.query(selectAccess(actor, conversation_id));
    requireAccess(actor, access, "participate");
  }
  const where = all([
    sql`${m.task_id} = ${task_id}`,
    ...(conversation_id === undefined ? [] : [sql`${m.conversation_id} = ${conversation_id}`]),
    // No direct conversation is about a task.
    ...(with_user_id === undefined ? [] : [sql`false`]),
    ...(unread ? [unreadByMe] : []),
  ]);
  const from = sql`${m} join ${c} on ${c.id} = ${m.conversation_id} ${asUser(user_id)}`;
  return readPage(db, plan, { columns: messageColumns(user_id), from, where }, shapeMessage);
}
