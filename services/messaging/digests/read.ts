import {
  columnsOfSubselect,
  computed,
  type Database,
  nullable,
  type RowOf,
  select,
  selectDistinct,
  sql,
} from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { directory } from "../directory/table.ts";
import { notifications } from "../notifications/table.ts";
import { notificationPreferences } from "../preferences/table.ts";

const n = alias(notifications, "n");
const reader = alias(directory, "reader");
const actor = alias(directory, "actor");
const q = alias(notificationPreferences, "q");

/**
 * What a notification is about, as far as mails go: one of a task, also of a message about it, goes with the others of the
 * task, one of another message with those of its conversation.
 */
const topic = sql`case ${n.object_type} when 'message'
  then coalesce((select task_id from messages where id = ${n.object_id}), ${n.scope_id}) else ${n.object_id} end`;

const group = { user_id: n.user_id, topic_id: computed<string>(topic) };

/** The notifications of a user about one topic. */
export type Group = RowOf<typeof group>;

const columns = {
  id: n.id,
  kind: n.kind,
  object_title: n.object_title,
  is_read: n.is_read,
  actor_name: computed<string | null>(sql`coalesce(${actor.full_name}, ${actor.username})`),
  name: computed<string | null>(sql`coalesce(${reader.full_name}, ${reader.username})`),
  email: nullable(reader.email),
  is_active: nullable(reader.is_active),
  quiet_from: nullable(q.quiet_from),
  quiet_to: nullable(q.quiet_to),
  quiet_tz: nullable(q.quiet_tz),
};

/** A notification that is due to be mailed, and what is known of its reader. */
export type DueRow = RowOf<typeof columns>;

/** Notifications of one mail. */
const AT_ONCE = 100;

/** Some groups in which a notification has been due since a moment, the oldest first. */
export function dueGroups(db: Database, until: string, limit: number): Promise<Group[]> {
  const oldest = select(group, sql`from ${n} where ${n.mail_at} <= ${until} order by ${n.mail_at} limit ${limit}`);
  return db.query(selectDistinct(columnsOfSubselect(group), sql`from (${oldest})`));
}

/** What is to be mailed of a group, the oldest first. */
export function dueOf(db: Database, { user_id, topic_id }: Group): Promise<DueRow[]> {
  return db.query(
    select(
      columns,
      sql`from ${n} left join ${reader} on ${reader.user_id} = ${n.user_id}
        left join ${actor} on ${actor.user_id} = ${n.actor_id} left join ${q} on ${q.user_id} = ${n.user_id}
        where ${n.user_id} = ${user_id} and ${n.mail_at} is not null and ${topic} = ${topic_id}
        order by ${n.created_at}, ${n.id} limit ${AT_ONCE}`,
    ),
  );
}
