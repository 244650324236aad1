import { type Database, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import type { Static } from "elysia";
import type { Deps } from "../deps.ts";
import { normalPassword } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { emailKey, normalUsername } from "../users/names.ts";
import { type StoredUser, selectUsers } from "../users/read-user.ts";
import type { Login, Tokens } from "./schema.ts";
import { startSession } from "./start-session.ts";

/**
 * Starts a session for whoever knows the password. Whether the user exists shows neither in the answer nor in the
 * work: one query and one hash either way.
 *
 * @throws StoaError `invalid_credentials`; `account_disabled`, only after a right password
 */
export async function login(deps: Deps, cause: Cause, input: Static<typeof Login>): Promise<Tokens> {
  const passwords = requirePasswords(deps);
  const user = await findUser(deps.db, loginName(input));
  const right = await passwords.verify(normalPassword(input.password), user?.password_hash ?? null);
  if (!user || !right) throw new StoaError("invalid_credentials");
  if (user.is_active !== 1) throw new StoaError("account_disabled");
  const still = sql`password_hash = ${user.password_hash}`;
  return startSession(deps, cause, user, { method: "password", still });
}

/** @throws StoaError `validation_failed` unless there is exactly one name */
function loginName({ username, email }: Static<typeof Login>): string {
  const name = username ?? email;
  if (name === undefined || (username !== undefined && email !== undefined)) {
    const message = "Send either username or email.";
    throw new StoaError("validation_failed", { errors: [{ path: "/username", message }] });
  }
  return name.trim();
}

async function findUser(db: Database, name: string): Promise<StoredUser | undefined> {
  const named: Sql = name.includes("@")
    ? sql`users.email_key = ${emailKey(name)}`
    : sql`users.username = ${normalUsername(name)}`;
  const [user] = await db.query<StoredUser>(selectUsers(named));
  return user;
}
