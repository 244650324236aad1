import { type Database, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";

/** @throws StoaError `unknown_role`, naming the first that does not exist */
export async function requireRoles({ db }: { readonly db: Database }, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const known = await db.query<{ name: string }>(
    sql`select name from roles where name in (select value from json_each(${JSON.stringify(names)}))`,
  );
  const existing = new Set(known.map(({ name }) => name));
  const missing = names.findIndex((name) => !existing.has(name));
  if (missing === -1) return;
  throw new StoaError("unknown_role", {
    errors: [{ path: `/roles/${missing}`, message: "There is no role of this name." }],
  });
}

/** That all of these names, none of them twice, are roles: goes to the guards. */
export function rolesExist(names: readonly string[]): Sql {
  return sql`(select count(*) from (${chosen(names)})) = ${names.length}`;
}

/** Gives a user these roles besides those they have, if the command's event happened. */
export function giveRoles(user_id: string, names: readonly string[], happened: Sql): Sql {
  return sql`insert into user_roles (user_id, role_id) select ${user_id}, id from (${chosen(names)}) where ${happened}`;
}

function chosen(names: readonly string[]): Sql {
  return sql`select id from roles where name in (select value from json_each(${JSON.stringify(names)}))`;
}
