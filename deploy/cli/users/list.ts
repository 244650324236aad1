import { type Database, sql } from "@stoa/db";
import { selectUsers, shapeUser } from "@stoa/identity/users/read";
import type { User } from "@stoa/identity/users/schema";

/** Users that are read at a time, so that a running Stoa is never held up. */
const AT_ONCE = 500;

/** A line for each user, in the order in which they were added. */
export async function* listUsers(db: Database): AsyncGenerator<string> {
  for (let after = ""; ; ) {
    const rows = await db.query(selectUsers(sql`id > ${after} order by id limit ${AT_ONCE}`));
    for (const row of rows) yield lineOf(shapeUser(row));
    const last = rows.at(-1);
    if (!last || rows.length < AT_ONCE) return;
    after = last.id;
  }
}

function lineOf({ id, username, email, is_active, is_superuser, mfa_enabled, roles }: User): string {
  const about = [
    ...(is_active ? [] : ["disabled"]),
    ...(is_superuser ? ["superuser"] : []),
    ...(mfa_enabled ? ["second factor"] : []),
    ...roles,
  ];
  return `${id}  ${username.padEnd(20)}  ${(email ?? "no e-mail").padEnd(30)}  ${about.join(", ")}`.trimEnd();
}
