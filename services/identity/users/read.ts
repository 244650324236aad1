import { computed, type Database, prepare, type RowOf, raw, type Select, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { sql as drizzleSql, eq, getTableColumns, placeholder } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import type { User } from "./schema.ts";
import { users } from "./table.ts";

/** The names of a user's roles, as a JSON array. */
const roleNames = `(select json_group_array(name) from (select name from roles
  join user_roles on user_roles.role_id = roles.id where user_roles.user_id = users.id order by name))`;

/** The columns of a user, with the names of their roles. */
export const userColumns = { ...getTableColumns(users), roles: computed<string>(raw(roleNames)) };

/** A user as they are stored, with the names of their roles. */
export type StoredUser = RowOf<typeof userColumns>;

const userById = prepare(
  new QueryBuilder()
    .select({ ...getTableColumns(users), roles: drizzleSql<string>`${drizzleSql.raw(roleNames)}`.as("roles") })
    .from(users)
    .where(eq(users.id, placeholder("id"))),
);

/** Selects one user. */
export function selectUser(id: string): Select<StoredUser> {
  return userById({ id });
}

/** Selects users. @param where conditions of `users`, and what follows them */
export function selectUsers(where: Sql): Select<StoredUser> {
  return select(userColumns, sql`from ${users} where ${where}`);
}

/** A user as it goes over the wire, to themselves and to superusers. */
export function shapeUser(row: StoredUser): User {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    email_verified: row.email_verified === 1,
    pending_email: row.pending_email,
    full_name: row.full_name,
    bio: row.bio,
    is_active: row.is_active === 1,
    is_superuser: row.is_superuser === 1,
    roles: JSON.parse(row.roles) as string[],
    mfa_enabled: row.mfa_enabled === 1,
    last_login_at: row.last_login_at,
    version: row.version,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

/** @throws StoaError `not_found` */
export async function readStoredUser(db: Database, user_id: string): Promise<StoredUser> {
  const [row] = await db.query(selectUser(user_id));
  if (!row) throw noSuchUser();
  return row;
}

/** @throws StoaError `not_found` */
export async function readUser(db: Database, user_id: string): Promise<User> {
  return shapeUser(await readStoredUser(db, user_id));
}

/** The part of a command that a user exists. */
export function userExists(user_id: string): Part {
  return { guard: sql`exists (select 1 from users where id = ${user_id})`, why: noSuchUser };
}

/** The part of a command that a user still is as they were read: its events and mails tell what was read. */
export function unchanged({ id, version }: Pick<User, "id" | "version">): Part {
  return { guard: sql`exists (select 1 from users where id = ${id} and version = ${version})` };
}

function noSuchUser(): StoaError {
  return new StoaError("not_found");
}
