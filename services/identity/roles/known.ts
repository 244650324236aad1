import { among, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";

/** The parts of a command that each of these names is a role; the error names the first that is none. */
export function rolesExist(names: readonly string[]): Part[] {
  return names.map((name, index) => ({
    guard: sql`exists (select 1 from roles where name = ${name})`,
    why: () =>
      new StoaError("unknown_role", {
        errors: [{ path: `/roles/${index}`, message: "There is no role of this name." }],
      }),
  }));
}

/** Gives a user these roles beside those they have: an effect of a command. */
export function giveRoles(user_id: string, names: readonly string[], happened: Sql): Sql {
  return sql`insert into user_roles (user_id, role_id)
    select ${user_id}, id from roles
    where name in ${among(names)} and ${happened}`;
}

/** The names of roles as users and events show them: sorted, none twice. */
export function roleSet(names: readonly string[] = []): string[] {
  return [...new Set(names)].sort();
}
