import type { Actor } from "@stoa/auth";
import { all, type Sql, sql, updateRows } from "@stoa/db";
import type { EventName } from "@stoa/events";
import { append, commit, type NewEvent } from "@stoa/journal";
import { access } from "../access.ts";
import { conversationFor } from "../conversations/read.ts";
import { selectConversation } from "../conversations/row.ts";
import type { Conversation } from "../conversations/schema.ts";
import type { StoreDeps } from "../deps.ts";
import { participants } from "./table.ts";

/** What users change of their own participation. */
export interface OwnChange<N extends EventName> {
  /** The event, if anything changes. */
  readonly event: Pick<NewEvent<N>, "type" | "data">;
  readonly set: Parameters<typeof updateRows<typeof participants>>[1];
  /** The condition of the user's row in `participants` that anything changes. */
  readonly when: Sql;
}

/**
 * Changes the user's own participation. It needs no `retrying`: where there is nothing to change, and where the user may
 * not, the answer of the same batch says so.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export async function changeOwn<N extends EventName>(
  { db, now }: StoreDeps,
  actor: Actor,
  conversation_id: string,
  { event, set, when }: OwnChange<N>,
): Promise<Conversation> {
  const { user_id } = actor;
  const own = sql`conversation_id = ${conversation_id} and user_id = ${user_id}`;
  const changed = append(
    actor.cause,
    { ...event, aggregate_id: conversation_id, entity_id: user_id, time: now().toISOString() },
    all([
      ...access(actor, "participate", conversation_id).map(({ guard }) => guard),
      sql`exists (select 1 from participants where ${own} and ${when})`,
    ]),
  );
  const effect = updateRows(participants, set, sql`${own} and ${changed.happened}`);
  const { rows } = await commit(db, changed, [effect], selectConversation(user_id, conversation_id));
  return conversationFor(actor, rows[0], "participate");
}
