import { newId, type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { appendList } from "@stoa/journal";
import type { Notification } from "./schema.ts";

/** What several users are notified of by one command: something said in a conversation. */
interface Notice {
  readonly cause: Cause;
  readonly kind: Notification["kind"];
  readonly object: { readonly type: "task"; readonly id: string };
  readonly conversation_id: string;
  readonly time: string;
}

/** Notifies several users of the same, in two statements; those who are in the conversation no more are left out. */
export function notifyEach(notice: Notice, user_ids: readonly string[], happened: Sql): Sql[] {
  if (user_ids.length === 0) return [];
  const { cause, kind, object, conversation_id, time } = notice;
  const made = user_ids.map((user_id) => ({ event_id: newId(), notification_id: newId(), user_id }));
  const events = made.map(({ event_id, notification_id, user_id }) => ({
    event_id,
    type: "notification.created" as const,
    aggregate_id: user_id,
    entity_id: notification_id,
    data: { notification_id, user_id, kind },
  }));
  const present = sql`exists (select 1 from participants p where p.conversation_id = ${conversation_id}
    and p.user_id = e.value ->> 'aggregate_id' and p.left_at is null)`;
  const still = sql`${happened} and ${present}`;
  return [
    appendList(still, { cause, time, events }),
    sql`insert into notifications (id, user_id, kind, actor_id, object_type, object_id, object_title, created_at)
      select e.value ->> 'entity_id', e.value ->> 'aggregate_id', ${kind}, ${cause.actor_id}, ${object.type}, t.id, t.title,
        ${time}
      from json_each(${JSON.stringify(events)}) e join tasks t on t.id = ${object.id} where ${still}`,
  ];
}
