import type { Actor } from "@stoa/auth";
import { all, listed, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { namedBy, type Page, pagePlan, readPage } from "@stoa/http/list/index";
import { requireAccess, selectAccess } from "../access.ts";
import { directKey } from "../conversations/open-direct.ts";
import { c, lasting, mine, participations } from "../conversations/row.ts";
import type { ListDeps, PeopleDeps } from "../deps.ts";
import { listTalk } from "./list-talk.ts";
import { aboutOneOf, m, messageColumns, shapeMessage, unreadByMe } from "./row.ts";
import type { Message, MessagesQuery } from "./schema.ts";

/**
 * The messages of the user's conversations, newest first. Each conversation gives no more rows than the page needs, so a
 * long one costs no more than a short one.
 *
 * @throws StoaError `validation_failed`, `invalid_cursor`; `not_found`, `forbidden` for the conversation
 */
export async function listMyMessages(
  deps: ListDeps & PeopleDeps,
  actor: Actor,
  query: MessagesQuery,
): Promise<Page<Message>> {
  const { conversation_id, with_user_id, task_id, unread = false } = query;
  if (conversation_id !== undefined && with_user_id !== undefined) {
    const message = "Send either conversation_id or with_user_id.";
    throw new StoaError("validation_failed", { errors: [{ path: "/query/with_user_id", message }] });
  }
  if (task_id !== undefined && task_id !== "none") return listTalk(deps, actor, { ...query, task_id });
  const { db, cursor_key } = deps;
  const { user_id } = actor;
  const people = with_user_id && namedBy(actor, with_user_id).ids;
  const column = conversation_id !== undefined || people?.length === 1 ? m.seq : m.id;
  const plan = pagePlan(cursor_key, query, {
    name: "my messages",
    filters: { user_id, conversation_id, with_user_id, task_id, unread },
    order: [{ column, direction: "desc" }],
  });
  // Nobody has a conversation with nobody.
  if (people?.length === 0) return plan.finish([], plan.count ? 0 : undefined);
  const theirs = all([
    sql`${mine.user_id} = ${user_id} and ${lasting}`,
    ...(conversation_id === undefined ? [] : [sql`${c.id} = ${conversation_id}`]),
    ...(people === undefined
      ? []
      : [sql`${c.direct_key} in ${listed(people.map((other) => directKey(user_id, other)))}`]),
  ]);
  const matching = all([...(task_id === undefined ? [] : [aboutOneOf([task_id])]), ...(unread ? [unreadByMe] : [])]);
  const page = await readPage(
    db,
    plan,
    {
      columns: messageColumns(user_id),
      from: sql`${participations} join ${m} on ${m.conversation_id} = ${c.id}`,
      where: sql`${theirs} and ${matching}`,
      page: sql`from ${m} where ${m.id} in (
        select n.id from ${participations} join messages n on n.conversation_id = ${c.id} and n.id in (
          select ${m.id} from ${m} where ${m.conversation_id} = ${c.id} and ${matching} and ${plan.where}
          order by ${plan.order} limit ${plan.size + plan.offset})
        where ${theirs}) order by ${plan.order} limit ${plan.limit}`,
    },
    shapeMessage,
  );
  if (conversation_id !== undefined && page.items.length === 0) {
    const [access] = await db.query(selectAccess(actor, conversation_id));
    requireAccess(actor, access, "participate");
  }
  return page;
}
