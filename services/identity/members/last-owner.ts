import { type Sql, sql } from "@stoa/db";

/** Aborts a command that has left its organization without an owner, as `last_owner`. Goes after the effects. */
export function anOwnerStays(organization_id: string, happened: Sql): Sql {
  return sql`insert into guard (rule) select 'last_owner' where ${happened}
    and not exists (select 1 from organization_members where organization_id = ${organization_id} and role = 'owner')`;
}
