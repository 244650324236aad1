import { type Sql, sql } from "@stoa/db";

/** Aborts a command that has left its project without an owner, as `last_owner`. Goes after the effects. */
export function keepsAnOwner(project_id: string, happened: Sql): Sql {
  return sql`insert into guard (rule) select 'last_owner' where ${happened}
    and not exists (select 1 from members where project_id = ${project_id} and role = 'owner')`;
}
