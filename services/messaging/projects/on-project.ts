import { type Handler, on } from "@stoa/bus/types";
import { sql } from "@stoa/db";

/** Keeps what decides over who sees a project beside its members. */
export const projectHandlers: readonly Handler[] = [
  on("projection", "project.created", ({ data: { project_id, organization_id } }) => [
    sql`insert into projects (id, organization_id) values (${project_id}, ${organization_id})
      on conflict (id) do update set organization_id = excluded.organization_id`,
  ]),
  on("projection", "project.updated", ({ data: { project_id, changes } }) => {
    const moved = changes.find(({ field }) => field === "organization_id");
    if (!moved) return [];
    const to = typeof moved.to === "string" ? moved.to : null;
    return [sql`update projects set organization_id = ${to} where id = ${project_id}`];
  }),
  on("projection", "project.trashed", ({ time, data }) => [
    sql`update projects set trashed_at = ${time} where id = ${data.project_id}`,
  ]),
  on("projection", "project.restored", ({ data }) => [
    sql`update projects set trashed_at = null where id = ${data.project_id}`,
  ]),
  on("projection", "project.purged", ({ data }) => [sql`delete from projects where id = ${data.project_id}`]),
];
