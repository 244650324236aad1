import { listed, type Sql, type SqlPart, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { owning } from "../access.ts";

/**
 * The condition that a project has an owner of its own who is not disabled. Someone whom the directory does not know yet has
 * only just registered.
 *
 * @param project_id a value, or SQL of one
 */
function hasActiveOwner(project_id: SqlPart): Sql {
  return sql`exists (select 1 from members m left join directory d on d.user_id = m.user_id
    where m.project_id = ${project_id} and m.role = 'owner' and d.is_active is not 0)`;
}

/** The condition that nobody but superusers may manage a project `p`: no owner of its own, and none of its organization's. */
export function isWithoutOwner(): Sql {
  return sql`not ${hasActiveOwner(sql`p.id`)}
    and not exists (select 1 from organization_members o left join directory d on d.user_id = o.user_id
      where o.organization_id = p.organization_id and o.role in ${listed(owning)} and d.is_active is not 0)`;
}

/**
 * The part of a command, after its effects, that refuses to leave the project without an active owner: one who is disabled
 * cannot log in to make another.
 */
export function keepsAnOwner(project_id: string): Part {
  return {
    effects: (happened) => [
      sql`insert into guard (rule) select 'last_owner' where ${happened} and not ${hasActiveOwner(project_id)}`,
    ],
    constraints: { last_owner: (cause) => new StoaError("last_owner", { cause }) },
  };
}
