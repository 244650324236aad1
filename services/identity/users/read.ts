import {
  computed,
  type Database,
  field,
  parseJson,
  prepare,
  type RowOf,
  raw,
  type Select,
  type Sql,
  select,
  sql,
} from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { atVersion, type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { type Part, retrying } from "@stoa/journal";
import { eq, getTableColumns, placeholder } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import type { User } from "./schema.ts";
import { users } from "./table.ts";

/**
 * SQL of the names of a user's roles, sorted, as a JSON array.
 *
 * @param users what the statement calls the table of users
 */
export const roleNamesOf = (users: string) => `(select json_group_array(name) from (select name from roles
  join user_roles on user_roles.role_id = roles.id where user_roles.user_id = ${users}.id order by name))`;
const roleNames = roleNamesOf("users");

/** The columns of a user, with the names of their roles. */
export const userColumns = { ...getTableColumns(users), roles: computed<string>(raw(roleNames)) };

/** A user as they are stored, with the names of their roles. */
export type StoredUser = RowOf<typeof userColumns>;

const userById = prepare(
  new QueryBuilder()
    .select({ ...getTableColumns(users), roles: field<string>(roleNames, "roles") })
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
    roles: parseJson<string[]>(row.roles),
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
export function unchanged(user: Pick<User, "id" | "version">): Part {
  return atVersion(users, user);
}

/**
 * Runs a command on a user that needs to know nothing of them, unless `If-Match` asks for their version: then the version
 * is read, and what has changed meanwhile is looked at anew.
 *
 * @param run the command, with the part that `If-Match` asks for; undefined when it changed nothing
 * @throws StoaError `version_conflict`, `not_found`
 */
export async function commandMatching<R>(
  db: Database,
  match: IfMatch | undefined,
  user_id: string,
  run: (matching: Part) => Promise<R | undefined>,
): Promise<R | undefined> {
  if (!match) return run({});
  const { rows } = await retrying(db, `user ${user_id}`, async () => {
    const user = await readUser(db, user_id);
    requireMatch(match, user);
    const rows = await run(sameVersion(match, users, user));
    const changedMeanwhile = !rows && (await readUser(db, user_id)).version !== user.version;
    return changedMeanwhile ? undefined : { rows };
  });
  return rows;
}

function noSuchUser(): StoaError {
  return new StoaError("not_found");
}
