import { type Sql, type SqlPart, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";

/** The condition that an organization has an owner who is not disabled. @param organization_id a value, or SQL of one */
export function hasActiveOwner(organization_id: SqlPart): Sql {
  return sql`exists (select 1 from organization_members m join users u on u.id = m.user_id
    where m.organization_id = ${organization_id} and m.role = 'owner' and u.is_active = 1)`;
}

/**
 * The part of a command, after its effects, that refuses to leave the organization without an active owner: one who is
 * disabled cannot log in to make another.
 */
export function keepsAnOwner(organization_id: string): Part {
  return {
    effects: (happened) => [
      sql`insert into guard (rule) select 'last_owner' where ${happened} and not ${hasActiveOwner(organization_id)}`,
    ],
    constraints: { last_owner: (cause) => new StoaError("last_owner", { cause }) },
  };
}
