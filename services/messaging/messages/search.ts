import type { Actor } from "@stoa/auth";
import { all, computed, listed, raw, type Sql, sql } from "@stoa/db";
import { hitsIn, searchFor } from "@stoa/db/search/index";
import { readFound } from "@stoa/http/list/found-page";
import { isNamed, mapItems, namedBy, type Page, pagePlan } from "@stoa/http/list/index";
import { requireAccess, selectAccess } from "../access.ts";
import type { ListDeps, PeopleDeps } from "../deps.ts";
import { accessTask } from "../tasks/access.ts";
import { seesItsTask } from "../tasks/row.ts";
import { aboutOneOf, m, messageColumns, shapeMessage } from "./row.ts";
import type { FoundMessage, MessageSearchQuery } from "./schema.ts";
import { searchedMessages } from "./searched.ts";

type Filter = Omit<MessageSearchQuery, "limit" | "cursor" | "skip" | "count" | "q">;

/**
 * The messages with some words that the user may read now: newest first, in pages that may be short or empty and go on all
 * the same.
 *
 * @throws StoaError `not_found`, `forbidden` for the conversation and the task that it is narrowed to; `invalid_cursor`
 */
export async function searchMessages(
  deps: ListDeps & PeopleDeps,
  actor: Actor,
  query: MessageSearchQuery,
): Promise<Page<FoundMessage>> {
  const { db, cursor_key } = deps;
  const { limit = 50, cursor, skip, count, q, ...filter } = query;
  const { user_id } = actor;
  const plan = pagePlan(cursor_key, query, {
    name: "found messages",
    filters: { user_id, q, ...filter },
    order: [{ column: "m.row", direction: "desc" }],
  });
  await requireFiltered(deps, actor, filter);
  const page = await readFound(db, plan, limit, {
    search: await searchFor(db, searchedMessages, "m", q),
    columns: { ...messageColumns(user_id), row: computed<number>(raw("m.row")) },
    where: all([readable(user_id), ...filtersOf(actor, filter)]),
  });
  return mapItems(page, ({ row, ...message }) => {
    const shaped = shapeMessage(message);
    return { ...shaped, matches: hitsIn(shaped.content ?? "", q) };
  });
}

/** What a search is narrowed to, its user may read. */
async function requireFiltered(
  deps: PeopleDeps,
  actor: Actor,
  { conversation_id = [], task_id = [] }: Filter,
): Promise<void> {
  for (const id of task_id) if (id !== "none") await accessTask(deps, actor, id);
  if (conversation_id.length === 0) return;
  const found = await deps.db.queryAll(conversation_id.map((id) => selectAccess(actor, id)));
  for (const [access] of found) requireAccess(actor, access, "participate");
}

/** The condition of the messages that a user may read now: of their conversations, and about tasks that they see. */
const readable = (user_id: string): Sql => sql`(
  exists (select 1 from participants p join conversations c on c.id = p.conversation_id
    where p.conversation_id = ${m.conversation_id} and p.user_id = ${user_id} and p.left_at is null
      and c.trashed_at is null)
  or ${seesItsTask(user_id)})`;

function filtersOf(actor: Actor, { conversation_id, sender_id, task_id, since, until }: Filter): Sql[] {
  const conditions: Sql[] = [];
  // The plus keeps SQLite from walking another index than that of the search.
  if (conversation_id !== undefined) conditions.push(sql`+${m.conversation_id} in ${listed(conversation_id)}`);
  if (task_id !== undefined) conditions.push(aboutOneOf(task_id));
  if (since !== undefined) conditions.push(sql`${m.created_at} >= ${since}`);
  if (until !== undefined) conditions.push(sql`${m.created_at} < ${until}`);
  if (sender_id !== undefined) conditions.push(isNamed(m.sender_id, namedBy(actor, sender_id)));
  return conditions;
}
