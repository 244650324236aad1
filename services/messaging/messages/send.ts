import type { Actor } from "@stoa/auth";
import { composeOnce, type Database, listed, newId, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { fingerprint } from "@stoa/http/canonical-json";
import { append, type Claim, command, type NewEvent, type Part } from "@stoa/journal";
import { access } from "../access.ts";
import { asks } from "../assistants/ask.ts";
import type { AssistantSettings } from "../assistants/settings.ts";
import { mayWriteIn } from "../blocks/condition.ts";
import type { Opening } from "../conversations/open-direct.ts";
import type { PeopleDeps } from "../deps.ts";
import { mentionParts } from "../mentions/parts.ts";
import { announced, replied } from "../notifications/news-of-message.ts";
import { aboutTask, awaitTask, commented, followedByMentioned } from "./about-task.ts";
import { addMessage, nextSeq } from "./add.ts";
import { m, messageColumns, selectMessage, shapeMessage } from "./row.ts";
import type { Message, NewMessage } from "./schema.ts";

/** A message, and whether it had been sent before under the same `client_id`. */
export interface Sent {
  readonly message: Message;
  readonly replayed: boolean;
}

/** What a message was sent under, and what was sent, as a hash. */
interface ClientKey {
  readonly conversation_id: string;
  readonly sender_id: string;
  readonly client_id: string | null;
  readonly client_hash: string | null;
  /** The hashes that it has in a message of an earlier version: of the text as sent, and without the blanks at its ends. */
  readonly former_hashes: readonly (string | null)[];
}

/**
 * Sends a message. It reads nothing beforehand, but for a task that it is about: the guards of its parts decide. Sending moves
 * the sender's own read mark, and brings a direct conversation back to whoever had left it.
 *
 * @param assistants with them, it asks the assistants of the conversation
 * @param opening what opens the conversation, a direct one, in the same batch; then its rights are not the send's to look at
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `budget_spent`, `not_found` for the conversation, the task and the message replied to, `forbidden`,
 *   `validation_failed` for a task elsewhere,
 *   `blocked` in a direct conversation,
 *   `idempotency_key_reused` for other content under the same `client_id`
 */
export async function sendMessage(
  deps: PeopleDeps,
  actor: Actor,
  conversation_id: string,
  { content, parent_id = null, client_id = null, task_id = null }: NewMessage,
  claim: Claim,
  assistants?: AssistantSettings,
  opening?: Opening,
): Promise<Sent | undefined> {
  const { db, now } = deps;
  const subject = task_id === null ? undefined : await awaitTask(deps, task_id);
  const id = newId();
  const time = now().toISOString();
  const sender_id = actor.user_id;
  const said = { parent_id, ...(task_id !== null && { task_id }) };
  const hash = (text: object) => (client_id === null ? null : fingerprint({ ...text, ...said }));
  const client = { sender_id, client_id, client_hash: hash({ as_sent: content }) };
  // Versions that hashed `content` took the blanks from the ends of a text, or did so earlier.
  const former_hashes = [hash({ content }), hash({ content: content.trim() })];
  const key: ClientKey = { conversation_id, ...client, former_hashes };
  const recipient_id = otherOf({ conversation_id, sender_id });
  const about = { cause: actor.cause, time, message_id: id, conversation_id };
  const sent: Part = {
    effects: (happened) => [
      ...addMessage(
        { id, type: "user", content, time, recipient_id, parent_id, task_id, conversation_id, ...client },
        happened,
      ),
      sql`update participants set read_seq = (select last_seq from conversations where id = ${conversation_id})
        where conversation_id = ${conversation_id} and user_id = ${sender_id} and ${happened}`,
      sql`update participants set left_at = null
        where conversation_id = ${conversation_id} and user_id = ${recipient_id} and left_at is not null and ${happened}`,
    ],
  };
  const event: NewEvent<"message.sent"> = {
    type: "message.sent",
    aggregate_id: conversation_id,
    entity_id: id,
    time,
    data: { conversation_id, message_id: id, seq: nextSeq(conversation_id), kind: "user", sender_id },
  };
  const parts: readonly Part[] = [
    ...(subject ? aboutTask(subject, conversation_id) : []),
    ...sentOnce(key),
    ...(parent_id === null ? [] : [replyWithin(conversation_id, parent_id)]),
    claim(id),
    sent,
    unlessSent(key, asks(assistants, { message_id: id, conversation_id, content, asker_id: sender_id, time })),
    ...announced(
      about,
      mentionParts(actor, { ...about, content, before: null }),
      replied(about, parent_id),
      subject ? commented(actor, about, subject) : [],
    ),
    ...followedByMentioned(task_id, about),
  ];
  const answer = selectMessage(sender_id, id);
  const rights = [...access(actor, "participate", conversation_id), mayWriteIn(sender_id, conversation_id)];
  const rows = opening
    ? await command(db, actor.cause, opening.event, [...opening.parts, ...asSecond(actor, event, parts)], answer)
    : await command(db, actor.cause, event, [...rights, ...parts], answer);
  if (rows?.[0]) return { message: shapeMessage(rows[0]), replayed: false };
  return sentBefore(db, key);
}

/** The parts of a command for a batch in which their event is the second one. */
function asSecond({ cause }: Actor, event: NewEvent<"message.sent">, parts: readonly Part[]): Part[] {
  return [
    ...parts.map(({ effects: _, ...conditions }) => conditions),
    {
      effects: (first) => {
        const { statement, happened, event_id } = append(cause, event, first);
        return [statement, ...parts.flatMap(({ effects }) => effects?.(happened, event_id) ?? [])];
      },
    },
  ];
}

/** The other user of a direct conversation; null elsewhere. */
const otherOf = composeOnce(
  (value: (name: "conversation_id" | "sender_id") => Sql) =>
    sql`(select p.user_id from participants p join conversations c on c.id = p.conversation_id
      where c.id = ${value("conversation_id")} and c.type = 'direct' and p.user_id <> ${value("sender_id")})`,
);

/** The parts of a command that nothing was sent under its `client_id` before; other content under it is refused. */
function sentOnce({ conversation_id, sender_id, client_id, ...same }: ClientKey): Part[] {
  if (client_id === null) return [];
  const known = sql`select 1 from messages where conversation_id = ${conversation_id} and sender_id = ${sender_id}
    and client_id = ${client_id}`;
  return [
    {
      // Whatever is sent again under the id of a deleted message is that message: what it said is known no more.
      guard: sql`not exists (${known} and deleted_at is null and (client_hash in ${hashesOf(same)}) is not true)`,
      why: () => new StoaError("idempotency_key_reused"),
    },
    { guard: sql`not exists (${known})` },
  ];
}

/** The hashes of which a message that is the same has one. */
const hashesOf = ({ client_hash, former_hashes }: Pick<ClientKey, "client_hash" | "former_hashes">) =>
  listed([client_hash, ...former_hashes]);

/** What was sent before asks nothing again, and its repetition is not refused for what asking would cost. */
function unlessSent({ conversation_id, sender_id, client_id }: ClientKey, part: Part): Part {
  if (!part.guard || client_id === null) return part;
  const known = sql`exists (select 1 from messages where conversation_id = ${conversation_id} and sender_id = ${sender_id}
    and client_id = ${client_id})`;
  return { ...part, guard: sql`((${part.guard}) or ${known})` };
}

/** The part of a command that the message replied to is in the conversation. */
function replyWithin(conversation_id: string, parent_id: string): Part {
  return {
    guard: sql`exists (select 1 from messages where id = ${parent_id} and conversation_id = ${conversation_id})`,
    why: () => new StoaError("not_found", { detail: "The message to reply to is not in this conversation." }),
  };
}

/** What the same was sent as before. */
async function sentBefore(db: Database, key: ClientKey): Promise<Sent | undefined> {
  const { conversation_id, sender_id, client_id } = key;
  if (client_id === null) return undefined;
  const [row] = await db.query(
    select(
      messageColumns(sender_id),
      sql`from ${m} where ${m.conversation_id} = ${conversation_id} and ${m.sender_id} = ${sender_id}
        and ${m.client_id} = ${client_id} and (${m.client_hash} in ${hashesOf(key)} or ${m.deleted_at} is not null)`,
    ),
  );
  return row && { message: shapeMessage(row), replayed: true };
}
