import type { Actor } from "@stoa/auth";
import { insertRow, newId, select, sql } from "@stoa/db";
import { type Claim, command, type NewEvent, notErased, type Part } from "@stoa/journal";
import { speaking } from "../blocks/condition.ts";
import type { PeopleDeps } from "../deps.ts";
import { findUsers, stillThere } from "../directory/lookup.ts";
import { insertParticipant } from "../participants/insert.ts";
import { conversationFor } from "./read.ts";
import { asUser, type ConversationRow, c, conversationColumns, selectConversation, shapeConversation } from "./row.ts";
import type { Conversation } from "./schema.ts";
import { conversations } from "./table.ts";

/** A conversation, and whether this request made it. */
export interface Opened {
  readonly conversation: Conversation;
  readonly made: boolean;
}

/** How a direct conversation is opened: the event and the parts of a command. */
export interface Opening {
  readonly event: NewEvent<"conversation.created" | "conversation.participant_added">;
  readonly parts: readonly Part[];
  /** Whether it makes the conversation; otherwise its user comes back to it. */
  readonly makes: boolean;
}

/** The direct conversation of two users as it was read, and what opens it, unless it is open. */
export interface Direct {
  readonly id: string;
  readonly present: ConversationRow | undefined;
  readonly opening: Opening | undefined;
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
  const { id, present, opening } = await readDirect(deps, actor, user_id);
  if (!opening) return present && { conversation: shapeConversation(present), made: false };
  const { event, parts, makes } = opening;
  const claimed = makes ? [claim(id)] : [];
  const rows = await command(
    deps.db,
    actor.cause,
    event,
    [...parts, ...claimed],
    selectConversation(actor.user_id, id),
  );
  return rows && { conversation: conversationFor(actor, rows[0], "participate"), made: makes };
}

/**
 * Reads the direct conversation with someone, and says how it is opened if it is not.
 *
 * @throws StoaError `not_found` for the user where there is none yet
 */
export async function readDirect(deps: PeopleDeps, actor: Actor, user_id: string): Promise<Direct> {
  const direct_key = directKey(actor.user_id, user_id);
  const [present] = await deps.db.query(
    select(conversationColumns, sql`from ${c} ${asUser(actor.user_id)} where ${c.direct_key} = ${direct_key}`),
  );
  const time = deps.now().toISOString();
  if (present) {
    const { id, role } = present;
    return { id, present, opening: role === null ? comingBack(actor, user_id, id, time) : undefined };
  }
  await findUsers(deps, { ids: [user_id] });
  const id = newId();
  return { id, present, opening: making(actor, user_id, id, time) };
}

function comingBack(actor: Actor, other: string, id: string, time: string): Opening {
  const { user_id } = actor;
  const own = sql`conversation_id = ${id} and user_id = ${user_id}`;
  const back: Part = {
    guard: sql`exists (select 1 from participants where ${own} and left_at is not null)`,
    effects: (happened) => [sql`update participants set left_at = null where ${own} and ${happened}`],
  };
  return {
    event: {
      type: "conversation.participant_added",
      aggregate_id: id,
      entity_id: user_id,
      time,
      data: { conversation_id: id, user_id },
    },
    parts: [notErased(actor), speaking(user_id, other), back],
    makes: false,
  };
}

function making(actor: Actor, user_id: string, id: string, time: string): Opening {
  const direct_key = directKey(actor.user_id, user_id);
  const created: Part = {
    guard: sql`not exists (select 1 from conversations where direct_key = ${direct_key})`,
    effects: (happened) => [
      insertRow(conversations, { id, type: "direct", direct_key, created_at: time, updated_at: time }, happened),
      insertParticipant(id, actor.user_id, "member", time, happened),
      insertParticipant(id, user_id, "member", time, happened),
    ],
  };
  return {
    event: {
      type: "conversation.created",
      aggregate_id: id,
      time,
      data: { conversation_id: id, kind: "direct", project_id: null, participant_ids: [actor.user_id, user_id] },
    },
    parts: [notErased(actor), stillThere([user_id]), speaking(actor.user_id, user_id), created],
    makes: true,
  };
}
