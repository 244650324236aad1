import { type Database, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { User } from "./schema.ts";
import type { UserRow } from "./table.ts";

/** A user's row with the names of their roles, as the driver gives it. */
export type StoredUser = Omit<UserRow, Flags> & { readonly [F in Flags]: number } & { readonly roles: string };
type Flags = "email_verified" | "is_active" | "is_superuser" | "mfa_enabled";

/** Selects users with their roles: `roles` is a JSON array of names. */
export function selectUsers(where: Sql): Sql {
  return sql`select users.*, (select json_group_array(name) from (select name from roles
      join user_roles on user_roles.role_id = roles.id where user_roles.user_id = users.id order by name)) as roles
    from users where ${where}`;
}

/** The user as the contract shows them. */
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
    roles: JSON.parse(row.roles),
    mfa_enabled: row.mfa_enabled === 1,
    last_login_at: row.last_login_at,
    version: row.version,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

/** @throws StoaError `not_found` */
export async function readStoredUser(db: Database, user_id: string): Promise<StoredUser> {
  const [row] = await db.query<StoredUser>(selectUsers(sql`users.id = ${user_id}`));
  if (!row) throw new StoaError("not_found");
  return row;
}

/** @throws StoaError `not_found` */
export async function readUser(db: Database, user_id: string): Promise<User> {
  return shapeUser(await readStoredUser(db, user_id));
}
