import type { Actor } from "@stoa/auth";
import { all, raw, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { mapItems, type Page, type PageRequest, pagePlan } from "@stoa/http/list/index";
import { takesPart } from "../conversations/read.ts";
import type { ListDeps } from "../deps.ts";
import { everyMessage, type MessageRow, shapeMessage } from "./read.ts";
import type { Message } from "./schema.ts";

/** Which messages of a conversation: at most one of the three, and perhaps only the replies to one. */
export interface MessagePageRequest extends PageRequest {
  readonly before_seq?: number | undefined;
  readonly after_seq?: number | undefined;
  readonly around_seq?: number | undefined;
  readonly parent_id?: string | undefined;
}

/**
 * A page of a conversation, ascending by seq: the latest, or the one next to the given seq. `next_cursor` goes on
 * in the same direction: to newer messages with `after_seq`, else to older ones.
 *
 * @throws StoaError `not_found`, `validation_failed`, `invalid_cursor`
 */
export async function listMessages(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  conversation_id: string,
  { before_seq, after_seq, around_seq, parent_id, ...page }: MessagePageRequest,
): Promise<Page<Message>> {
  if ([before_seq, after_seq, around_seq].filter((seq) => seq !== undefined).length > 1) {
    const message = "Send one of before_seq, after_seq and around_seq.";
    throw new StoaError("validation_failed", { errors: [{ path: "/query/before_seq", message }] });
  }
  const plan = pagePlan(cursor_key, page, {
    name: "messages of a conversation",
    filters: { conversation_id, before_seq, after_seq, around_seq, parent_id },
    order: [{ column: "m.seq", direction: after_seq === undefined ? "desc" : "asc" }],
  });
  const within = all([
    sql`m.conversation_id = ${conversation_id}`,
    parent_id === undefined ? raw("1") : sql`m.parent_id = ${parent_id}`,
  ]);
  const select = (where: Sql, order: Sql, limit: Sql) =>
    sql`${everyMessage.statement({ me: actor.user_id })} where ${within} and ${where} order by ${order} limit ${limit}`;
  const look = sql`select ${takesPart(actor.user_id, conversation_id)} as here,
    ${plan.count ? sql`(select count(*) from messages m where ${within})` : raw("0")} as total`;
  const half = Math.ceil((plan.size - 1) / 2);
  const reads =
    around_seq === undefined
      ? [select(all([plan.where, ...bounds(before_seq, after_seq)]), plan.order, plan.limit)]
      : [
          select(sql`m.seq <= ${around_seq}`, raw("m.seq desc"), sql`${half}`),
          select(sql`m.seq > ${around_seq}`, raw("m.seq asc"), sql`${plan.size - 1 - half}`),
        ];
  const [[state], ...found] = (await db.queryAll([look, ...reads])) as [
    [{ here: number; total: number }],
    ...MessageRow[][],
  ];
  if (!state.here) throw new StoaError("not_found");
  const cut = plan.finish(found.flat(), plan.count ? state.total : undefined);
  const items = cut.items.toSorted((a, b) => a.seq - b.seq);
  return mapItems({ ...cut, items }, shapeMessage);
}

function bounds(before_seq: number | undefined, after_seq: number | undefined): Sql[] {
  if (before_seq !== undefined) return [sql`m.seq < ${before_seq}`];
  return after_seq === undefined ? [] : [sql`m.seq > ${after_seq}`];
}
