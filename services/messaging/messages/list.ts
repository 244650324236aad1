import type { Actor } from "@stoa/auth";
import { all, computed, listed, raw, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { pagePlan, selectCount } from "@stoa/http/list/index";
import { requireAccess, selectAccess } from "../access.ts";
import type { ListDeps } from "../deps.ts";
import { cutAround, cutOneWay, type Start, startOf } from "./page-of-talk.ts";
import { aboutOneOf, m, messageColumns, shapeMessage } from "./row.ts";
import type { ConversationMessagesQuery, MessagesPage } from "./schema.ts";

/**
 * A page of a conversation, ascending by seq: the latest, or the one next to the given seq. `next_cursor` goes on in the
 * same direction: to newer messages with `after_seq`, else to older ones; `prev_cursor` goes the other way.
 *
 * @throws StoaError `not_found`, `forbidden`, `validation_failed`, `invalid_cursor`
 */
export async function listMessages(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  conversation_id: string,
  query: ConversationMessagesQuery,
): Promise<MessagesPage> {
  const { limit, cursor, skip, count, ...filters } = query;
  const { before_seq, after_seq, around_seq } = filters;
  if ([before_seq, after_seq, around_seq].filter((seq) => seq !== undefined).length > 1) {
    const message = "Send one of before_seq, after_seq and around_seq.";
    throw new StoaError("validation_failed", { errors: [{ path: "/query/before_seq", message }] });
  }
  if (around_seq !== undefined && skip !== undefined) {
    const message = "A page around a seq skips nothing.";
    throw new StoaError("validation_failed", { errors: [{ path: "/query/skip", message }] });
  }
  const plan = pagePlan(
    cursor_key,
    { limit, cursor, skip, count },
    {
      name: "messages of a conversation",
      filters: { conversation_id, ...filters },
      order: [{ column: m.seq, direction: after_seq === undefined ? "desc" : "asc" }],
    },
  );
  const start = startOf(plan.position, query);
  const within = all([isIn(conversation_id, query), ...conditionsOf(query)]);
  const columns = messageColumns(actor.user_id);
  const reads = rangesOf(start).map(({ range, order }) =>
    select(columns, sql`from ${m} where ${within} and ${range} order by ${order} limit ${plan.limit}`),
  );
  const beside = select(
    { found: computed<number>(sql`exists (select 1 from ${m} where ${within} and ${behind(start)})`) },
    raw(""),
  );
  const [[access], [others], ...found] = await db.queryAll([selectAccess(actor, conversation_id), beside, ...reads]);
  requireAccess(actor, access, "participate");
  const [counted] = plan.count ? await db.scan(selectCount(sql`from ${m} where ${within}`)) : [];
  const size = plan.size - 1;
  const cut =
    start.way === "around"
      ? cutAround(found[0] ?? [], found[1] ?? [], size)
      : cutOneWay(found[0] ?? [], start, size, others?.found === 1 || plan.offset > 0);
  const page = plan.end(cut.items, cut.next, counted?.rows);
  return {
    ...page,
    items: page.items.map(shapeMessage),
    prev_cursor: plan.end([], cut.previous).next_cursor,
  };
}

/**
 * The condition of the messages of a conversation. What several parents or tasks have is sought by the index of these, which
 * the plus leaves to SQLite: it would walk the whole conversation, since that is in order.
 */
function isIn(conversation_id: string, { parent_id = [], task_id = [] }: ConversationMessagesQuery): Sql {
  const isFew = parent_id.length > 1 || (task_id.length > 1 && !task_id.includes("none"));
  return sql`${raw(isFew ? "+" : "")}${m.conversation_id} = ${conversation_id}`;
}

/** What narrows the messages of a conversation. */
function conditionsOf({ parent_id, task_id, pinned }: ConversationMessagesQuery): Sql[] {
  const conditions: Sql[] = [];
  if (parent_id !== undefined) conditions.push(sql`${m.parent_id} in ${listed(parent_id)}`);
  if (task_id !== undefined) conditions.push(aboutOneOf(task_id));
  if (pinned !== undefined) conditions.push(pinned ? sql`${m.pinned_at} is not null` : sql`${m.pinned_at} is null`);
  return conditions;
}

const [upwards, downwards] = [sql`${m.seq} asc`, sql`${m.seq} desc`];

/** What is read of the messages: in one direction, or in both. */
function rangesOf({ way, seq }: Start): { range: Sql; order: Sql }[] {
  if (way === "newer") return [{ range: sql`${m.seq} > ${seq}`, order: upwards }];
  if (way === "older") return [{ range: seq === null ? raw("1") : sql`${m.seq} < ${seq}`, order: downwards }];
  return [
    { range: sql`${m.seq} <= ${seq}`, order: downwards },
    { range: sql`${m.seq} > ${seq}`, order: upwards },
  ];
}

/** The condition of the messages on the other side of where a page begins. */
function behind({ way, seq }: Start): Sql {
  if (way === "around" || seq === null) return raw("0");
  return way === "newer" ? sql`${m.seq} <= ${seq}` : sql`${m.seq} >= ${seq}`;
}
