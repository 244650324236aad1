import { type Sql, sql } from "@stoa/db";

/**
 * Aborts the command, after its effects, when it left no active superuser: `violates(error, "last_superuser")`.
 *
 * @param happened of the command's event
 */
export function aSuperuserStays(happened: Sql): Sql {
  return sql`insert into guard (rule) select 'last_superuser' where ${happened}
    and not exists (select 1 from users where is_superuser = 1 and is_active = 1)`;
}
