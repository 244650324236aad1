import type { Actor } from "@stoa/auth";
import { all, listed, sql } from "@stoa/db";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps, PeopleDeps } from "../deps.ts";
import { c, conversationColumns, lasting, mine, participations, shapeConversation } from "./row.ts";
import type { Conversation, ConversationsQuery } from "./schema.ts";

/**
 * The conversations that the user takes part in, latest activity first.
 *
 * No index has that order: it would have to hold the last activity for each participant, and every message would write
 * it anew for all of them. So the page sorts the user's own conversations.
 *
 * @throws StoaError `invalid_cursor`
 */
export async function listConversations(
  deps: ListDeps & PeopleDeps,
  actor: Actor,
  query: ConversationsQuery,
): Promise<Page<Conversation>> {
  const newest = query.project_id?.toSorted().at(-1);
  if (newest === undefined) return readConversations(deps, actor, query);
  // A project may be so new that its conversation is still to come: that of the newest comes last.
  let page: Page<Conversation> = { items: [], next_cursor: null };
  await deps.readYourWrites.lookup(async () => {
    page = await readConversations(deps, actor, query);
    return page.items.find(({ project_id }) => project_id === newest);
  }, newest);
  return page;
}

function readConversations(
  { db, cursor_key }: ListDeps,
  { user_id }: Actor,
  query: ConversationsQuery,
): Promise<Page<Conversation>> {
  const { type, project_id } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "conversations",
    filters: { user_id, type, project_id },
    order: [
      { column: c.updated_at, direction: "desc" },
      { column: c.id, direction: "desc" },
    ],
  });
  const where = all([
    sql`${mine.user_id} = ${user_id} and ${lasting}`,
    ...(type === undefined ? [] : [sql`${c.type} in ${listed(type)}`]),
    ...(project_id === undefined ? [] : [sql`${c.project_id} in ${listed(project_id)}`]),
  ]);
  return readPage(db, plan, { columns: conversationColumns, from: participations, where }, shapeConversation);
}
