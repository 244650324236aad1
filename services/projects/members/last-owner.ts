import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";

/**
 * The part of a command, after its effects, that refuses to leave the project without an active owner: one who is disabled
 * cannot log in to make another. Someone whom the directory does not know yet has only just registered.
 */
export function keepsAnOwner(project_id: string): Part {
  return {
    effects: (happened) => [
      sql`insert into guard (rule) select 'last_owner' where ${happened}
        and not exists (select 1 from members m left join directory d on d.user_id = m.user_id
          where m.project_id = ${project_id} and m.role = 'owner' and d.is_active is not 0)`,
    ],
    constraints: { last_owner: (cause) => new StoaError("last_owner", { cause }) },
  };
}
