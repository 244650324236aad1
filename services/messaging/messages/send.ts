import type { Actor } from "@stoa/auth";
import { all, newId, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { fingerprint } from "@stoa/http/canonical-json";
import { append, type Claim, commit } from "@stoa/journal";
import { takesPart } from "../conversations/read.ts";
import type { UseCaseDeps } from "../deps.ts";
import { addMessage, nextSeq } from "./add.ts";
import { type MessageRow, messageById, selectMessage, shapeMessage } from "./read.ts";
import type { Message } from "./schema.ts";

/** What is sent. */
export interface NewMessage {
  readonly content: string;
  readonly parent_id?: string | null | undefined;
  readonly client_id?: string | null | undefined;
}

/** A message, and whether it had been sent before under the same `client_id`. */
export interface Sent {
  readonly message: Message;
  readonly replayed: boolean;
}

/**
 * Sends a message: one batch, without a look before it. Sending moves the sender's own mark, and brings a direct
 * conversation back to whoever had left it.
 *
 * @throws StoaError `not_found` (the conversation, or the message replied to),
 *   `idempotency_key_reused` (other content under the same `client_id`)
 */
export async function sendMessage(
  deps: UseCaseDeps,
  actor: Actor,
  conversation_id: string,
  { content, parent_id = null, client_id = null }: NewMessage,
  claim: Claim | null,
): Promise<Sent> {
  const { db, now } = deps;
  const id = newId();
  const time = now().toISOString();
  const sender_id = actor.user_id;
  const client_hash = client_id === null ? null : fingerprint({ content, parent_id });
  const sent = append(
    actor.cause,
    {
      type: "message.sent",
      aggregate_id: conversation_id,
      entity_id: id,
      time,
      data: { conversation_id, message_id: id, seq: nextSeq(conversation_id), kind: "user", sender_id },
    },
    all([
      takesPart(sender_id, conversation_id),
      ...(client_id === null ? [] : [sql`not ${sentBefore(conversation_id, sender_id, client_id)}`]),
      ...(parent_id === null ? [] : [isIn(conversation_id, parent_id)]),
      ...(claim ? [claim.guard] : []),
    ]),
  );
  const { happened } = sent;
  const mine = sql`conversation_id = ${conversation_id} and user_id = ${sender_id}`;
  const recipient_id = sql`(select p.user_id from participants p join conversations c on c.id = p.conversation_id
    where c.id = ${conversation_id} and c.type = 'direct' and p.user_id <> ${sender_id})`;
  const { applied, rows } = await commit(
    db,
    sent,
    [
      ...addMessage(
        {
          id,
          conversation_id,
          type: "user",
          content,
          time,
          sender_id,
          recipient_id,
          parent_id,
          client_id,
          client_hash,
        },
        happened,
      ),
      sql`update participants set read_seq = (select last_seq from conversations where id = ${conversation_id})
        where ${mine} and ${happened}`,
      sql`update participants set left_at = null
        where conversation_id = ${conversation_id} and left_at is not null and ${happened}`,
      ...(claim ? [claim.record(id, happened)] : []),
    ],
    selectMessage(sender_id, id),
  );
  const [row] = rows as readonly MessageRow[];
  if (applied && row) return { message: shapeMessage(row), replayed: false };
  return notSent(deps, actor, conversation_id, { parent_id, client_id, client_hash });
}

/** Which guard refused: the second look. */
async function notSent(
  { db }: UseCaseDeps,
  actor: Actor,
  conversation_id: string,
  sought: { parent_id: string | null; client_id: string | null; client_hash: string | null },
): Promise<Sent> {
  const { user_id } = actor;
  const [state] = await db.query<{ here: number; parent: number; known: string | null }>(
    sql`select ${takesPart(user_id, conversation_id)} as here,
      ${sought.parent_id === null ? sql`1` : isIn(conversation_id, sought.parent_id)} as parent,
      (select json_array(id, client_hash) from messages where conversation_id = ${conversation_id}
        and sender_id = ${user_id} and client_id = ${sought.client_id}) as known`,
  );
  if (!state?.here) throw new StoaError("not_found");
  if (state.known !== null) {
    const [id, client_hash] = JSON.parse(state.known) as [string, string];
    if (client_hash !== sought.client_hash) throw new StoaError("idempotency_key_reused");
    const [row] = await messageById.rows(db, { me: user_id, id });
    if (row) return { message: shapeMessage(row), replayed: true };
  }
  if (!state.parent) {
    throw new StoaError("not_found", { detail: "The message to reply to is not in this conversation." });
  }
  throw new StoaError("idempotency_key_reused");
}

function sentBefore(conversation_id: string, sender_id: string, client_id: string): Sql {
  return sql`exists (select 1 from messages where conversation_id = ${conversation_id} and sender_id = ${sender_id}
    and client_id = ${client_id})`;
}

function isIn(conversation_id: string, message_id: string): Sql {
  return sql`exists (select 1 from messages where id = ${message_id} and conversation_id = ${conversation_id})`;
}
