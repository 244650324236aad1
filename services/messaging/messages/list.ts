import type { Actor } from "@stoa/auth";
import { all, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { mapItems, type Page, pagePlan, selectCount } from "@stoa/http/list/index";
import { requireAccess, selectAccess } from "../access.ts";
import type { ListDeps } from "../deps.ts";
import { m, messageColumns, shapeMessage } from "./row.ts";
import type { ConversationMessagesQuery, Message } from "./schema.ts";

/**
 * A page of a conversation, ascending by seq: the latest, or the one next to the given seq. `next_cursor` goes on
 * in the same direction: to newer messages with `after_seq`, else to older ones.
 *
 * @throws StoaError `not_found`, `forbidden`, `validation_failed`, `invalid_cursor`
 */
export async function listMessages(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  conversation_id: string,
  query: ConversationMessagesQuery,
): Promise<Page<Message>> {
  const { before_seq, after_seq, around_seq, parent_id } = query;
  if ([before_seq, after_seq, around_seq].filter((seq) => seq !== undefined).length > 1) {
    const message = "Send one of before_seq, after_seq and around_seq.";
    throw new StoaError("validation_failed", { errors: [{ path: "/query/before_seq", message }] });
  }
  const plan = pagePlan(cursor_key, query, {
    name: "messages of a conversation",
    filters: { conversation_id, before_seq, after_seq, around_seq, parent_id },
    order: [{ column: m.seq, direction: after_seq === undefined ? "desc" : "asc" }],
  });
  const within = all([
    sql`${m.conversation_id} = ${conversation_id}`,
    ...(parent_id === undefined ? [] : [sql`${m.parent_id} = ${parent_id}`]),
  ]);
  const columns = messageColumns(actor.user_id);
  const read = (where: Sql, order: Sql, limit: Sql) =>
    select(columns, sql`from ${m} where ${within} and ${where} order by ${order} limit ${limit}`);
  const half = Math.ceil((plan.size - 1) / 2);
  const reads =
    around_seq === undefined
      ? [read(all([plan.where, ...bounds(before_seq, after_seq)]), plan.order, plan.limit)]
      : [
          read(sql`${m.seq} <= ${around_seq}`, sql`${m.seq} desc`, sql`${half}`),
          read(sql`${m.seq} > ${around_seq}`, sql`${m.seq} asc`, sql`${plan.size - 1 - half}`),
        ];
  const [[access], ...found] = await db.queryAll([selectAccess(actor, conversation_id), ...reads]);
  requireAccess(actor, access, "participate");
  const [counted] = plan.count ? await db.scan(selectCount(sql`from ${m} where ${within}`)) : [];
  const cut = plan.finish(found.flat(), counted?.rows);
  const items = cut.items.toSorted((a, b) => a.seq - b.seq);
  return mapItems({ ...cut, items }, shapeMessage);
}

function bounds(before_seq: number | undefined, after_seq: number | undefined): Sql[] {
  if (before_seq !== undefined) return [sql`${m.seq} < ${before_seq}`];
  return after_seq === undefined ? [] : [sql`${m.seq} > ${after_seq}`];
}
