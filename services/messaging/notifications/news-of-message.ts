import { sql } from "@stoa/db";
import type { Part } from "@stoa/journal";
import { announce, type News, notify } from "./notify.ts";

/** A message of which users are notified, and the command that wrote it. */
export interface WrittenMessage extends Pick<News, "cause" | "event_id" | "time"> {
  readonly message_id: string;
  readonly conversation_id: string;
}

/** What users are notified of when it is about a message: they see what its conversation is called, not what it says. */
export function newsOfMessage(
  kind: News["kind"],
  { message_id, conversation_id, ...news }: WrittenMessage,
): Omit<News, "to"> {
  const title = sql`(select case type when 'direct' then 'Direct message' else coalesce(title, 'Group') end
    from conversations where id = ${conversation_id})`;
  return { kind, ...news, object: { type: "message", id: message_id, title }, scope_id: conversation_id };
}

/** The part of a send that who wrote the message that is answered is notified of it, if they still take part. */
export function replied(message: Omit<WrittenMessage, "event_id">, parent_id: string | null): Part[] {
  if (parent_id === null) return [];
  const { conversation_id } = message;
  const to = sql`select sender_id as user_id from messages a where a.id = ${parent_id} and a.type = 'user'
    and exists (select 1 from participants p where p.conversation_id = ${conversation_id}
      and p.user_id = a.sender_id and p.left_at is null)`;
  return [
    {
      effects: (happened, event_id) => [
        notify({ ...newsOfMessage("replied", { ...message, event_id }), to }, happened),
      ],
    },
  ];
}

/** The part that tells the streams whom the parts before it notified; it comes last. Nothing without such parts. */
export function announced(
  { cause, time }: Pick<WrittenMessage, "cause" | "time">,
  ...notifying: readonly (readonly Part[])[]
): Part[] {
  const parts = notifying.flat();
  if (parts.length === 0) return [];
  return [...parts, { effects: (happened, event_id) => [announce({ cause, event_id, time }, happened)] }];
}
