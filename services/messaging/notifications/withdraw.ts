import { raw, type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { appendEach } from "@stoa/journal";

/** An event names so many notifications at most; of more it says that there are many, and the list is read anew. */
const NAMED = 100;

/**
 * Withdraws notifications, because their object is out of their users' reach: they go, and each user's streams are told in
 * one event.
 *
 * @param which the condition of the rows of `notifications`
 * @param happened the condition of the command's event; true for a reaction
 */
export function withdraw(cause: Cause, time: string, which: Sql, happened: Sql): Sql[] {
  return [withdrawn(cause, time, which, happened), sql`delete from notifications where (${which}) and ${happened}`];
}

/** The condition of notifications of what messages said, whatever their object is. @param ids SQL of the messages' ids, in brackets */
export function saidBy(ids: Sql): Sql {
  return sql`(object_id in ${ids} or event_id in (select j.event_id from journal j
    where j.entity_id in ${ids} and j.type in ('message.sent', 'message.edited')))`;
}

/** Withdraws what users were notified of an object: a task, an invitation. */
export function withdrawObject(cause: Cause, time: string, object_id: string, happened: Sql): Sql[] {
  return withdraw(cause, time, sql`object_id = ${object_id}`, happened);
}

/** Withdraws what a user was notified of in projects, conversations or organizations that they take part in no more. */
export function withdrawFrom(
  cause: Cause,
  time: string,
  user_id: string,
  scope_ids: readonly string[],
  happened: Sql,
): Sql[] {
  const lost = sql`user_id = ${user_id} and scope_id in (select value from json_each(${JSON.stringify(scope_ids)}))`;
  return withdraw(cause, time, lost, happened);
}

/** Hides notifications whose object is in the trash. @param by the task or project that went there */
export function hide(cause: Cause, time: string, by: string, which: Sql, happened: Sql): Sql[] {
  const visible = sql`hidden_by is null and (${which})`;
  return [
    withdrawn(cause, time, visible, happened),
    sql`update notifications set hidden_by = ${by}, mail_at = null where ${visible} and ${happened}`,
  ];
}

/** Shows what `hide` hid, when the object is back. Nobody is told a second time. */
export function unhide(by: string, happened: Sql): Sql {
  return sql`update notifications set hidden_by = null where hidden_by = ${by} and ${happened}`;
}

/** Appends an event for each user of the notifications. */
function withdrawn(cause: Cause, time: string, which: Sql, happened: Sql): Sql {
  return appendEach(happened, {
    cause,
    type: "notification.withdrawn",
    time,
    aggregate_id: sql`w.user_id`,
    entity_id: raw("null"),
    organization_id: raw("null"),
    data: sql`json_object('user_id', w.user_id, 'notification_ids', case when w.number <= ${NAMED} then json(w.ids) end)`,
    from: sql`(select user_id, count(*) as number, json_group_array(id) as ids from notifications
      where ${which} group by user_id) w`,
    where: raw("1"),
  });
}
