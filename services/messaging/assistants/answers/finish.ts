import { computed, select, sql } from "@stoa/db";
import { type Cause, system } from "@stoa/events";
import { command, type Part, type StoreDeps } from "@stoa/journal";
import { type Mentioning, mentionParts } from "../../mentions/parts.ts";
import { followedByMentioned, followersHear } from "../../messages/about-task.ts";
import { m } from "../../messages/row.ts";
import type { Message } from "../../messages/schema.ts";
import { updateMessages } from "../../messages/update.ts";
import { announced } from "../../notifications/news-of-message.ts";
import { asksOthers, dayOf } from "../ask.ts";
import type { AssistantSettings } from "../settings.ts";
import { tokensOf } from "../tokens.ts";
import type { OpenAnswer } from "./open.ts";

/** How an answer ends. */
export interface Ending {
  readonly status: Exclude<Message["status"], "streaming">;
  /** What the process that wrote it had not stored yet. */
  readonly rest: string;
  /** The tokens that it cost, as far as they are known. */
  readonly tokens: number;
  /** The whole text: that of a complete answer may ask other assistants, and mention people. */
  readonly text?: string;
}

/** Ends an answer that its process does not end: with what was stored of it. @returns whether this call ended it */
export function closeAnswer(
  deps: StoreDeps,
  answer: Parameters<typeof finishAnswer>[2],
  status: "cancelled" | "failed",
): Promise<boolean> {
  const tokens = answer.context_tokens + tokensOf(answer.text);
  return finishAnswer(deps, undefined, answer, { status, rest: "", tokens });
}

/**
 * Ends an answer: its message gets the text, whatever there is of it, and its status. The budget is charged with what the
 * answer really cost. It happens once, whoever ends it: the process that wrote it, another in place of a dead one, or a
 * request to cancel it.
 *
 * @param answer as it was read: the claim, and the lease when it is not the process's own
 * @returns whether this call ended it
 */
export async function finishAnswer(
  { db, now }: StoreDeps,
  settings: AssistantSettings | undefined,
  answer: OpenAnswer & { readonly message_id: string; readonly abandoned?: boolean },
  { status, rest, tokens, text }: Ending,
): Promise<boolean> {
  const { message_id, conversation_id, assistant_id, asker_id, asked_at, reserved, depth } = answer;
  const time = now().toISOString();
  const open = sql`message_id = ${message_id} and claim = ${answer.claim} and ended_at is null`;
  const held = answer.abandoned ? sql`${open} and lease_until = ${answer.lease_until}` : open;
  const others = (happened: Parameters<typeof asksOthers>[3]) =>
    settings === undefined || text === undefined || status !== "complete" || depth > 0
      ? []
      : asksOthers(settings, { message_id, conversation_id, content: text, asker_id, time }, assistant_id, happened);
  const written = sql`case when deleted_at is null
    then (select text from answers where message_id = ${message_id}) || ${rest} end`;
  const ended: Part = {
    guard: sql`exists (select 1 from answers where ${held})`,
    effects: (happened) => [
      updateMessages(sql`id = ${message_id}`, time, { status, content: written }, happened),
      sql`update answers set text = '', lease_until = null, ended_at = ${time}
        where message_id = ${message_id} and ${happened}`,
      sql`update assistant_spending set tokens = max(0, tokens + ${tokens - reserved})
        where user_id = ${asker_id} and day = ${dayOf(asked_at)} and ${happened}`,
      ...others(happened),
    ],
  };
  const cause = { ...system, actor_id: asker_id };
  const rows = await command(
    db,
    cause,
    {
      type: "message.completed",
      aggregate_id: conversation_id,
      entity_id: message_id,
      time,
      data: {
        conversation_id,
        message_id,
        seq: sql`(select seq from messages where id = ${message_id})`,
        status,
        sender_id: assistant_id,
      },
    },
    [
      ended,
      ...(text === undefined || status !== "complete"
        ? []
        : heard({ message_id, conversation_id, content: text, time }, cause, asker_id)),
    ],
    select({ status: computed<string>(sql`${m.status}`) }, sql`from ${m} where ${m.id} = ${message_id}`),
  );
  return rows !== undefined;
}

/**
 * The parts that people hear of an answer as of a message of whoever asked: whom it mentions is mentioned, notified, and
 * follows the task that it is about; whoever followed that before is notified of what was said about it. People who have
 * blocked the asker are not notified, and `@all` is heard where the asker may say it. An answer that was deleted meanwhile
 * says nothing.
 */
function heard(answer: Omit<Mentioning, "before">, cause: Cause, user_id: string): Part[] {
  const { message_id, conversation_id, time } = answer;
  const asker = { cause, user_id };
  const task_id = sql`(select task_id from messages where id = ${message_id})`;
  // One that has gone to the trash or to another project meanwhile has followers elsewhere, or none.
  const task = sql`from tasks k join conversations c on c.project_id = k.project_id
    where k.id = ${task_id} and k.trashed_at is null and c.id = ${conversation_id}`;
  const subject = { task_id: sql`(select k.id ${task})`, project_id: sql`(select k.project_id ${task})` };
  const all = [
    ...announced({ cause, time }, mentionParts(asker, { ...answer, before: null }), [
      followersHear(asker, { cause, time, message_id, conversation_id }, subject),
    ]),
    ...followedByMentioned(task_id, answer),
  ];
  const said = sql`exists (select 1 from messages where id = ${message_id} and deleted_at is null)`;
  return all.map((part) => ({
    ...part,
    effects: (happened, event_id) => part.effects?.(sql`(${happened} and ${said})`, event_id) ?? [],
  }));
}
