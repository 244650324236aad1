import type { Actor } from "@stoa/auth";
import { all, insertRow, newId, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, type Claim, commit } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";
import { findUsers } from "../directory/lookup.ts";
import { joined } from "./joined.ts";
import { conversationIn, findConversation, selectConversation } from "./read.ts";
import type { Conversation } from "./schema.ts";
import { conversations } from "./table.ts";

/** A direct conversation, and whether this request made it. */
export interface Opened {
  readonly conversation: Conversation;
  readonly made: boolean;
}

/** What the same two people always have in common. */
export function directKey(one: string, other: string): string {
  return one < other ? `${one}:${other}` : `${other}:${one}`;
}

/**
 * Opens the direct conversation with someone: the one there is, or the first. Who had left it is in it again.
 *
 * @param user_id someone else
 * @throws StoaError `not_found`
 */
export async function openDirect(
  deps: UseCaseDeps,
  actor: Actor,
  user_id: string,
  claim: Claim | null,
): Promise<Opened> {
  const present = await openPresent(deps, actor, user_id);
  if (present) return { conversation: present, made: false };
  await findUsers(deps, { ids: [user_id] });
  const made = await make(deps, actor, user_id, claim);
  if (made) return { conversation: made, made: true };
  // Someone was faster: the other one, most likely.
  const theirs = await openPresent(deps, actor, user_id);
  if (!theirs) throw new StoaError("idempotency_key_reused");
  return { conversation: theirs, made: false };
}

async function openPresent({ db, now }: UseCaseDeps, actor: Actor, user_id: string): Promise<Conversation | undefined> {
  const key = directKey(actor.user_id, user_id);
  const [found] = await db.query<{ id: string; left_at: string | null }>(
    sql`select c.id, p.left_at from conversations c join participants p on p.conversation_id = c.id
      where c.direct_key = ${key} and p.user_id = ${actor.user_id}`,
  );
  if (!found) return undefined;
  const { id, left_at } = found;
  if (left_at === null) return findConversation(db, actor.user_id, id);
  const mine = sql`conversation_id = ${id} and user_id = ${actor.user_id}`;
  const back = append(
    actor.cause,
    {
      type: "conversation.participant_added",
      aggregate_id: id,
      entity_id: actor.user_id,
      time: now().toISOString(),
      data: { conversation_id: id, user_id: actor.user_id },
    },
    sql`exists (select 1 from participants where ${mine} and left_at is not null)`,
  );
  const effect = sql`update participants set left_at = null where ${mine} and ${back.happened}`;
  const { rows } = await commit(db, back, [effect], selectConversation(actor.user_id, id));
  return conversationIn(rows);
}

async function make(
  { db, now }: UseCaseDeps,
  actor: Actor,
  user_id: string,
  claim: Claim | null,
): Promise<Conversation | undefined> {
  const id = newId();
  const direct_key = directKey(actor.user_id, user_id);
  const time = now().toISOString();
  const created = append(
    actor.cause,
    {
      type: "conversation.created",
      aggregate_id: id,
      time,
      data: { conversation_id: id, kind: "direct", project_id: null, participant_ids: [actor.user_id, user_id] },
    },
    all([
      sql`not exists (select 1 from conversations where direct_key = ${direct_key})`,
      ...(claim ? [claim.guard] : []),
    ]),
  );
  const { applied, rows } = await commit(
    db,
    created,
    [
      insertRow(
        conversations,
        { id, type: "direct", direct_key, created_at: time, updated_at: time },
        created.happened,
      ),
      joined(id, actor.user_id, "member", time, created.happened),
      joined(id, user_id, "member", time, created.happened),
      ...(claim ? [claim.record(id, created.happened)] : []),
    ],
    selectConversation(actor.user_id, id),
  );
  return applied ? conversationIn(rows) : undefined;
}
