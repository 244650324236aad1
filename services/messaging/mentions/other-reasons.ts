import { raw, type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { appendEach } from "@stoa/journal";
import { hears } from "../follows/followers.ts";
import { channelOf, preferencesOf } from "../preferences/channel.ts";

/** The edit of a message, which mentions some people no more. */
interface Edit {
  readonly cause: Cause;
  readonly message_id: string;
  readonly time: string;
}

const theirs = raw("notifications.user_id");

/** How the user of a row of `notifications` wants to be told of a kind. */
const channel = (kind: "replied" | "commented"): Sql =>
  sql`(select ${channelOf(kind)} from (select 1) ${preferencesOf(theirs)})`;

/** The condition that the message answers one of theirs, where they still take part. */
const isAnswered = (message_id: string): Sql => sql`exists (select 1 from messages x
  join messages a on a.id = x.parent_id and a.type = 'user' and a.sender_id = ${theirs}
  join participants p on p.conversation_id = x.conversation_id and p.user_id = a.sender_id and p.left_at is null
  where x.id = ${message_id})`;

/** The condition that they asked to follow the task, and do not follow it because of the message of the same millisecond. */
const asked = sql`exists (select 1 from journal j
  where j.entity_id = t.id and j.type = 'follow.started' and j.aggregate_id = ${theirs} and j.time = x.created_at)`;

/** The condition that the message is about a task that they followed before it was sent: it may be why they follow it now. */
const followed = (message_id: string): Sql => sql`exists (select 1 from messages x join tasks t on t.id = x.task_id
  where x.id = ${message_id} and (t.creator_id = ${theirs}
      or exists (select 1 from task_assignees s where s.task_id = t.id and s.user_id = ${theirs})
      or exists (select 1 from task_follows f where f.task_id = t.id and f.user_id = ${theirs} and f.following = 1
        and (f.changed_at < x.created_at or f.changed_at = x.created_at and ${asked})))
    and not exists (select 1 from task_follows f where f.task_id = t.id and f.user_id = ${theirs} and f.following = 0)
    and ${hears(theirs, raw("x.conversation_id"), raw("t.project_id"))})`;

/**
 * Whoever was told of a message because it mentioned them, and only because of that was not told that it answers them or is
 * about a task that they follow, is told so when an edit mentions them no more: the same notification then has that kind,
 * and stays read if it was. It comes before what withdraws the others.
 *
 * @param lost the condition of the rows of `notifications` of those who are mentioned no more
 */
export function keepForOtherReasons({ cause, message_id, time }: Edit, lost: Sql, happened: Sql): Sql[] {
  const other = sql`(case when ${channel("replied")} <> 'none' and ${isAnswered(message_id)} then 'replied'
    when ${channel("commented")} <> 'none' and ${followed(message_id)} then 'commented' end)`;
  const task = sql`(select x.task_id from messages x where x.id = ${message_id})`;
  const isComment = sql`${other} = 'commented'`;
  // One that tells of an earlier edit has others beside it that tell of the rest.
  const which = sql`${lost} and ${other} is not null and event_id in (
    select j.event_id from journal j where j.entity_id = ${message_id} and j.type = 'message.sent')`;
  return [
    appendEach(happened, {
      cause,
      type: "notification.created",
      time,
      aggregate_id: theirs,
      entity_id: raw("notifications.id"),
      organization_id: raw("null"),
      data: sql`json_object('notification_id', notifications.id, 'user_id', ${theirs}, 'kind', ${other})`,
      from: raw("notifications"),
      where: which,
    }),
    sql`update notifications set kind = ${other},
      object_title = case when ${isComment} then (select title from tasks where id = ${task}) else object_title end,
      scope_id = case when ${isComment} then (select project_id from tasks where id = ${task}) else scope_id end,
      mail_at = case when (case when ${isComment} then ${channel("commented")} else ${channel("replied")} end) = 'email'
        then coalesce(mail_at, case when mail_id is null and is_read = 0 then ${time} end) end,
      object_type = case when ${isComment} then 'task' else object_type end,
      object_id = case when ${isComment} then ${task} else object_id end
      where ${which} and ${happened}`,
  ];
}
