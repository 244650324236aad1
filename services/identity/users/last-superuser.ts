import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";

/** The part of a command, after its effects, that refuses to leave Stoa without an active superuser. */
export function keepsASuperuser(): Part {
  return {
    effects: (happened) => [
      sql`insert into guard (rule) select 'last_superuser' where ${happened}
        and not exists (select 1 from users where is_superuser = 1 and is_active = 1)`,
    ],
    constraints: { last_superuser: (cause) => new StoaError("last_superuser", { cause }) },
  };
}
