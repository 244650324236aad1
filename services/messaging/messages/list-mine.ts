import type { Actor } from "@stoa/auth";
import { all, type Row, raw, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { mapItems, type Page, type PageRequest, pagePlan } from "@stoa/http/list/index";
import { directKey } from "../conversations/open-direct.ts";
import { takesPart } from "../conversations/read.ts";
import type { ListDeps } from "../deps.ts";
import { everyMessage, type MessageRow, shapeMessage } from "./read.ts";
import type { Message } from "./schema.ts";

/** Which of one's messages: of one conversation, with one person, or all; perhaps only the unread. */
export interface MyMessagesRequest extends PageRequest {
  readonly conversation_id?: string | undefined;
  readonly with_user_id?: string | undefined;
  readonly unread?: boolean | undefined;
}

const unread = raw("x.seq > p.read_seq and x.sender_id <> p.user_id and x.type = 'user' and x.deleted_at is null");

/**
 * The asker's messages, newest first. Each conversation gives no more rows than the page needs, so a long one costs
 * no more than a short one.
 *
 * @throws StoaError `not_found` (a conversation that the asker is not in), `validation_failed`, `invalid_cursor`
 */
export async function listMyMessages(
  { db, cursor_key }: ListDeps,
  { user_id }: Actor,
  { conversation_id, with_user_id, unread: onlyUnread = false, ...page }: MyMessagesRequest,
): Promise<Page<Message>> {
  if (conversation_id !== undefined && with_user_id !== undefined) {
    const message = "Send either conversation_id or with_user_id.";
    throw new StoaError("validation_failed", { errors: [{ path: "/query/with_user_id", message }] });
  }
  const column = conversation_id === undefined && with_user_id === undefined ? "id" : "seq";
  const plan = pagePlan(cursor_key, page, {
    name: "my messages",
    filters: { user_id, conversation_id, with_user_id, unread: onlyUnread },
    order: [{ column: `x.${column}`, direction: "desc" }],
  });
  const mine = all([
    sql`p.user_id = ${user_id} and p.left_at is null and c.trashed_at is null`,
    conversation_id === undefined ? raw("1") : sql`c.id = ${conversation_id}`,
    with_user_id === undefined ? raw("1") : sql`c.direct_key = ${directKey(user_id, with_user_id)}`,
  ]);
  const matching = onlyUnread ? unread : raw("1");
  const order = raw(`m.${column} desc`);
  const statement = sql`${everyMessage.statement({ me: user_id })} where m.id in (
    select n.id from participants p join conversations c on c.id = p.conversation_id
      join messages n on n.conversation_id = c.id and n.id in (
        select x.id from messages x where x.conversation_id = c.id and ${matching} and ${plan.where}
        order by ${plan.order} limit ${plan.size + plan.offset})
    where ${mine}) order by ${order} limit ${plan.limit}`;
  const rows = await db.queryAll([
    statement,
    ...(conversation_id === undefined ? [] : [sql`select ${takesPart(user_id, conversation_id)} as here`]),
    ...(plan.count ? [total(mine, matching)] : []),
  ]);
  const [found = [], ...others] = rows as [MessageRow[], ...Row[][]];
  if (conversation_id !== undefined && !others.shift()?.[0]?.["here"]) throw new StoaError("not_found");
  const counted = plan.count ? Number(others.shift()?.[0]?.["total"]) : undefined;
  return mapItems(plan.finish(found, counted), shapeMessage);
}

function total(mine: Sql, matching: Sql): Sql {
  return sql`select count(*) as total from participants p join conversations c on c.id = p.conversation_id
    join messages x on x.conversation_id = c.id where ${mine} and ${matching}`;
}
