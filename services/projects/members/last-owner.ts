import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";

/** The part of a command, after its effects, that refuses to leave the project without an owner. */
export function keepsAnOwner(project_id: string): Part {
  return {
    effects: (happened) => [
      sql`insert into guard (rule) select 'last_owner' where ${happened}
        and not exists (select 1 from members where project_id = ${project_id} and role = 'owner')`,
    ],
    constraints: { last_owner: (cause) => new StoaError("last_owner", { cause }) },
  };
}
