import { type Sql, sql } from "@stoa/db";

/**
 * The condition that the user of a row of `notifications` sees a project, be it in the trash or not: as its member, or by
 * its organization.
 */
const sees = (project_id: Sql): Sql => sql`(
  exists (select 1 from memberships rm where rm.project_id = ${project_id} and rm.user_id = notifications.user_id)
  or exists (select 1 from projects rp join organization_members ro
    on ro.organization_id = rp.organization_id and ro.user_id = notifications.user_id where rp.id = ${project_id}))`;

/** The condition that they see the task of the message that they are notified of. */
const seesItsTask = sql`exists (select 1 from messages rx join tasks rt on rt.id = rx.task_id
  where rx.id = notifications.object_id and case
    when rt.project_id is null then rt.creator_id = notifications.user_id else ${sees(sql`rt.project_id`)} end)`;

/** The condition that they take part in the conversation that they are notified of, or of a message there. */
const takesPart = sql`exists (select 1 from participants rc where rc.conversation_id = notifications.scope_id
  and rc.user_id = notifications.user_id and rc.left_at is null)`;

/**
 * The condition of a row of `notifications` that its user may still read its object, once that is not in the trash: what is
 * left to whoever was removed from one of a project, its organization and its conversation.
 */
export const withinReach: Sql = sql`(case object_type
  when 'project' then ${sees(sql`notifications.scope_id`)}
  when 'task' then notifications.scope_id is null or ${sees(sql`notifications.scope_id`)}
  when 'message' then ${takesPart} or ${seesItsTask}
  when 'conversation' then ${takesPart}
  when 'organization' then exists (select 1 from organization_members ro
    where ro.organization_id = notifications.scope_id and ro.user_id = notifications.user_id)
  else false end)`;
