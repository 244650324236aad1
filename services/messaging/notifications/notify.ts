import { raw, type Sql, type SqlPart, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { appendEach, idAt } from "@stoa/journal";
import { notBlocked } from "../blocks/condition.ts";
import { channelOf, preferencesOf } from "../preferences/channel.ts";
import type { Notification } from "./schema.ts";

/** Something of which users are notified. */
export interface News {
  readonly kind: Notification["kind"];
  readonly cause: Cause;
  /** The event that they are notified of: each user once, whatever else it is to them. */
  readonly event_id: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly object: {
    readonly type: Notification["object"]["type"];
    readonly id: SqlPart;
    /** A name that every receiver may see: never the text of a message. */
    readonly title: SqlPart;
  };
  /** The project, conversation or organization that it is in; null: it is nowhere, as a personal task. */
  readonly scope_id: SqlPart;
  /** A SELECT with one column, `user_id`: users who may see the object. The one who did it is left out. */
  readonly to: Sql;
}

/** What someone says to others, or does with them: users who have blocked them are not notified of it. Of work they are. */
const said: ReadonlySet<News["kind"]> = new Set(["mentioned", "replied", "commented", "added"]);

/**
 * Notifies users, by their preferences: whoever wants none of this kind gets none. `announce` then tells the streams.
 *
 * @param happened the condition of the command's event; true for a reaction
 */
export function notify({ kind, cause, event_id, time, object, scope_id, to }: News, happened: Sql): Sql {
  const { actor_id } = cause;
  const channel = channelOf(kind);
  return sql`insert into notifications
      (id, event_id, user_id, kind, actor_id, object_type, object_id, object_title, scope_id, created_at, mail_at)
    select ${idAt(time)}, ${event_id}, r.user_id, ${kind}, ${actor_id}, ${object.type}, ${object.id}, ${object.title},
      ${scope_id}, ${time}, case ${channel} when 'email' then ${time} end
    from (${to}) r ${preferencesOf(sql`r.user_id`)}
    where r.user_id is not ${actor_id} and ${channel} <> 'none'
      and not exists (select 1 from notifications n where n.event_id = ${event_id} and n.user_id = r.user_id)
      and ${actor_id !== null && said.has(kind) ? notBlocked(sql`r.user_id`, actor_id) : raw("1")}
      and ${happened}`;
}

/** Appends `notification.created` for each user whom `notify` notified of an event. */
export function announce({ cause, event_id, time }: Pick<News, "cause" | "event_id" | "time">, happened: Sql): Sql {
  return appendEach(happened, {
    cause,
    type: "notification.created",
    time,
    aggregate_id: sql`n.user_id`,
    entity_id: sql`n.id`,
    organization_id: sql`null`,
    data: sql`json_object('notification_id', n.id, 'user_id', n.user_id, 'kind', n.kind)`,
    from: sql`notifications n`,
    where: sql`n.event_id = ${event_id}`,
  });
}

/** Notifies users of one thing, and tells the streams. */
export function tell(news: News, happened: Sql): Sql[] {
  return [notify(news, happened), announce(news, happened)];
}

/** The users with these ids, as the receivers of {@link News}. */
export function these(user_ids: readonly string[]): Sql {
  return sql`select value as user_id from json_each(${JSON.stringify([...new Set(user_ids)])})`;
}
