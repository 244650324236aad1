import type { Actor } from "@stoa/auth";
import { all, sql } from "@stoa/db";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import { requireAccess, selectAccess } from "../access.ts";
import type { ListDeps } from "../deps.ts";
import { a, assistantColumns } from "./row.ts";
import type { Assistant, AssistantsQuery } from "./schema.ts";

/** The assistants of a conversation, newest first. @throws StoaError `not_found`, `forbidden`, `invalid_cursor` */
export async function listAssistants(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  conversation_id: string,
  { removed = false, ...request }: AssistantsQuery,
): Promise<Page<Assistant>> {
  const [access] = await db.query(selectAccess(actor, conversation_id));
  requireAccess(actor, access, "participate");
  const plan = pagePlan(cursor_key, request, {
    name: "assistants",
    filters: { conversation_id, removed },
    order: [{ column: a.id, direction: "desc" }],
  });
  const where = all([
    sql`${a.conversation_id} = ${conversation_id}`,
    ...(removed ? [] : [sql`${a.removed_at} is null`]),
  ]);
  return readPage(db, plan, { columns: assistantColumns, from: sql`${a}`, where }, (row) => row);
}
