import type { Actor } from "@stoa/auth";
import { insertRow, newId, select, sql } from "@stoa/db";
import { type Claim, command, type Part } from "@stoa/journal";
import { speaking } from "../blocks/condition.ts";
import type { PeopleDeps } from "../deps.ts";
import { findUsers, stillThere } from "../directory/lookup.ts";
import { insertParticipant } from "../participants/insert.ts";
import { conversationFor } from "./read.ts";
import { asUser, c, conversationColumns, selectConversation, shapeConversation } from "./row.ts";
import type { Conversation } from "./schema.ts";
import { conversations } from "./table.ts";

/** A conversation, and whether this request made it. */
export interface Opened {
  readonly conversation: Conversation;
  readonly made: boolean;
}

/** What the direct conversation of two users is found by. */
export function directKey(one: string, other: string): string {
  return one < other ? `${one}:${other}` : `${other}:${one}`;
}

/**
 * Opens the direct conversation with someone: the one there is, or a new one. A user who had left it is in it again.
 *
 * @param user_id someone else
 * @returns undefined when the other one was faster: then there is one
 * @throws StoaError `not_found` for the user, `blocked` where one of the two has blocked the other
 */
export async function openDirect(
  deps: PeopleDeps,
  actor: Actor,
  user_id: string,
  claim: Claim,
): Promise<Opened | undefined> {
  const direct_key = directKey(actor.user_id, user_id);
  const [present] = await deps.db.query(
    select(conversationColumns, sql`from ${c} ${asUser(actor.user_id)} where ${c.direct_key} = ${direct_key}`),
  );
  if (!present) {
    await findUsers(deps, { ids: [user_id] });
    return make(deps, actor, user_id, claim);
  }
  if (present.role === null) return comeBack(deps, actor, user_id, present.id);
  return { conversation: shapeConversation(present), made: false };
}

async function comeBack({ db, now }: PeopleDeps, actor: Actor, other: string, id: string): Promise<Opened | undefined> {
  const { user_id } = actor;
  const own = sql`conversation_id = ${id} and user_id = ${user_id}`;
  const back: Part = {
    guard: sql`exists (select 1 from participants where ${own} and left_at is not null)`,
    effects: (happened) => [sql`update participants set left_at = null where ${own} and ${happened}`],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "conversation.participant_added",
      aggregate_id: id,
      entity_id: user_id,
      time: now().toISOString(),
      data: { conversation_id: id, user_id },
    },
    [speaking(user_id, other), back],
    selectConversation(user_id, id),
  );
  return rows && { conversation: conversationFor(actor, rows[0], "participate"), made: false };
}

async function make({ db, now }: PeopleDeps, actor: Actor, user_id: string, claim: Claim): Promise<Opened | undefined> {
  const id = newId();
  const direct_key = directKey(actor.user_id, user_id);
  const time = now().toISOString();
  const created: Part = {
    guard: sql`not exists (select 1 from conversations where direct_key = ${direct_key})`,
    effects: (happened) => [
      insertRow(conversations, { id, type: "direct", direct_key, created_at: time, updated_at: time }, happened),
      insertParticipant(id, actor.user_id, "member", time, happened),
      insertParticipant(id, user_id, "member", time, happened),
    ],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "conversation.created",
      aggregate_id: id,
      time,
      data: { conversation_id: id, kind: "direct", project_id: null, participant_ids: [actor.user_id, user_id] },
    },
    [stillThere([user_id]), speaking(actor.user_id, user_id), created, claim(id)],
    selectConversation(actor.user_id, id),
  );
  return rows && { conversation: conversationFor(actor, rows[0], "participate"), made: true };
}
