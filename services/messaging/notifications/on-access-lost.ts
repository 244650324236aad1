import { type Handler, on } from "@stoa/bus/types";
import { raw, sql } from "@stoa/db";
import { causeOf } from "../cause-of.ts";
import { conversationOf } from "../conversations/of-project.ts";
import { seesByOrganization } from "../tasks/row.ts";
import { hide, unhide, withdraw, withdrawObject } from "./withdraw.ts";
import { withinReach } from "./within-reach.ts";

const always = raw("1");

/**
 * Withdraws notifications of what its users may not see any more, and hides those of what is in the trash. Whoever is
 * removed from a project may see its tasks by its organization all the same. It comes after the handlers that note who
 * belongs where.
 */
export const reachHandlers: readonly Handler[] = [
  on("reaction", "project.member_removed", (event) => {
    const { project_id, user_id } = event.data;
    const inside = sql`user_id = ${user_id} and scope_id in (${project_id}, ${conversationOf(project_id)})`;
    return withdraw(causeOf(event), event.time, sql`${inside} and not ${withinReach}`, always);
  }),
  on("reaction", "project.trashed", (event) => {
    const { project_id } = event.data;
    const inside = sql`scope_id in (${project_id}, ${conversationOf(project_id)})`;
    return hide(causeOf(event), event.time, project_id, inside, always);
  }),
  on("reaction", "project.restored", (event) => [unhide(event.data.project_id, always)]),
  on("reaction", "project.purged", (event) => {
    const { project_id } = event.data;
    const inside = sql`scope_id in (${project_id}, ${conversationOf(project_id)})`;
    return withdraw(causeOf(event), event.time, inside, always);
  }),
  on("reaction", "task.trashed", (event) => {
    const { task_id } = event.data;
    return hide(causeOf(event), event.time, task_id, sql`object_id = ${task_id}`, always);
  }),
  on("reaction", "task.restored", (event) => [unhide(event.data.task_id, always)]),
  on("reaction", "task.purged", (event) => withdrawObject(causeOf(event), event.time, event.data.task_id, always)),
  on("reaction", "task.moved_project", (event) => {
    const { task_id, project_id } = event.data;
    // Of a task that is personal now, the event's subject is whose it is.
    const sees =
      project_id === null
        ? sql`user_id = ${event.subject}`
        : sql`(user_id in (select m.user_id from memberships m where m.project_id = ${project_id})
            or ${seesByOrganization(raw("notifications.user_id"), project_id)})`;
    return [
      ...withdraw(causeOf(event), event.time, sql`object_id = ${task_id} and not ${sees}`, always),
      sql`update notifications set scope_id = ${project_id} where object_id = ${task_id}`,
      // Those of its talk stay with whoever is where it was said.
      ...withdraw(
        causeOf(event),
        event.time,
        sql`object_id in (select id from messages where task_id = ${task_id}) and not ${withinReach}`,
        always,
      ),
    ];
  }),
  on("reaction", "organization.member_removed", (event) => {
    const { organization_id, user_id } = event.data;
    // Of its projects they may have seen some without being a member there.
    const inside = sql`(scope_id = ${organization_id}
      or scope_id in (select p.id from projects p where p.organization_id = ${organization_id})
      or scope_id in (select c.id from projects p join conversations c on c.project_id = p.id
        where p.organization_id = ${organization_id}))`;
    const lost = sql`user_id = ${user_id} and ${inside} and not ${withinReach}`;
    return withdraw(causeOf(event), event.time, lost, always);
  }),
  on("reaction", "project.updated", (event) => {
    const { project_id, changes } = event.data;
    // Whoever saw it by the organization that it left sees it no more.
    if (!changes.some(({ field }) => field === "organization_id")) return [];
    const lost = sql`scope_id in (${project_id}, ${conversationOf(project_id)}) and not ${withinReach}`;
    return withdraw(causeOf(event), event.time, lost, always);
  }),
  on("reaction", "organization.member_added", (event) => {
    const { invitation_id } = event.data;
    return invitation_id === null ? [] : withdrawObject(causeOf(event), event.time, invitation_id, always);
  }),
  on("reaction", "organization.invitation_revoked", (event) =>
    withdrawObject(causeOf(event), event.time, event.data.invitation_id, always),
  ),
  on("reaction", "invitation.declined", (event) =>
    withdrawObject(causeOf(event), event.time, event.data.invitation_id, always),
  ),
  on("reaction", "organization.deleted", (event) =>
    withdraw(causeOf(event), event.time, sql`scope_id = ${event.data.organization_id}`, always),
  ),
];
