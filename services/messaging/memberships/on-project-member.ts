import { type Handler, on } from "@stoa/bus/types";
import { sql } from "@stoa/db";
import type { ProjectRole } from "@stoa/events";

const member = (project_id: string, user_id: string, role: ProjectRole) =>
  sql`insert into memberships (project_id, user_id, role) values (${project_id}, ${user_id}, ${role})
    on conflict (project_id, user_id) do update set role = excluded.role`;

/** Keeps the members of projects, as their events tell of them. */
export const membershipHandlers: readonly Handler[] = [
  on("projection", "project.created", ({ data }) => [member(data.project_id, data.owner_id, "owner")]),
  on("projection", "project.member_added", ({ data }) => [member(data.project_id, data.user_id, data.role)]),
  on("projection", "project.member_role_changed", ({ data }) => [member(data.project_id, data.user_id, data.to)]),
  on("projection", "project.member_removed", ({ data }) => [
    sql`delete from memberships where project_id = ${data.project_id} and user_id = ${data.user_id}`,
  ]),
  on("projection", "project.purged", ({ data }) => [
    sql`delete from memberships where project_id = ${data.project_id}`,
  ]),
];
