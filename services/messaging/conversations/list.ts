import type { Actor } from "@stoa/auth";
import { all, raw, sql } from "@stoa/db";
import { mapItems, type Page, type PageRequest, pagePlan } from "@stoa/http/list/index";
import type { ListDeps, UseCaseDeps } from "../deps.ts";
import { type ConversationRow, myConversations, shapeConversation } from "./read.ts";
import type { Conversation } from "./schema.ts";

/** Which conversations. */
export interface ConversationListRequest extends PageRequest {
  readonly type?: "direct" | "group" | "project" | undefined;
  readonly project_id?: string | undefined;
}

/**
 * The asker's conversations, latest activity first.
 *
 * The order is not that of an index: it would have to hold everyone's last activity for each participant, and every
 * message would write it anew for all. So the page sorts the asker's own conversations.
 *
 * @throws StoaError `invalid_cursor`
 */
export async function listConversations(
  deps: ListDeps & Pick<UseCaseDeps, "readYourWrites">,
  { user_id }: Actor,
  request: ConversationListRequest,
): Promise<Page<Conversation>> {
  const { project_id } = request;
  if (project_id === undefined) return readPage(deps, user_id, request);
  // The project may be so new that its conversation is still to come.
  let page: Page<Conversation> = { items: [], next_cursor: null };
  await deps.readYourWrites.lookup(async () => {
    page = await readPage(deps, user_id, request);
    return page.items[0];
  }, project_id);
  return page;
}

async function readPage(
  { db, cursor_key }: ListDeps,
  user_id: string,
  { type, project_id, ...page }: ConversationListRequest,
): Promise<Page<Conversation>> {
  const plan = pagePlan(cursor_key, page, {
    name: "conversations",
    filters: { user_id, type, project_id },
    order: [
      { column: "c.updated_at", direction: "desc" },
      { column: "c.id", direction: "desc" },
    ],
  });
  const filters = all([
    type === undefined ? raw("1") : sql`c.type = ${type}`,
    project_id === undefined ? raw("1") : sql`c.project_id = ${project_id}`,
  ]);
  const [rows = [], counted = []] = await db.queryAll([
    sql`${myConversations.statement({ me: user_id })} and ${filters} and ${plan.where}
      order by ${plan.order} limit ${plan.limit}`,
    ...(plan.count
      ? [
          sql`select count(*) as total from participants mine join conversations c on c.id = mine.conversation_id
            where mine.user_id = ${user_id} and mine.left_at is null and c.trashed_at is null and ${filters}`,
        ]
      : []),
  ]);
  const total = plan.count ? Number(counted[0]?.["total"]) : undefined;
  return mapItems(plan.finish(rows as ConversationRow[], total), shapeConversation);
}
