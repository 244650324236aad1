import { type Database, insertRow, newId, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import type { Static } from "elysia";
import type { Deps } from "../deps.ts";
import { normalPassword } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { emailKey, normalUsername } from "../users/names.ts";
import { type StoredUser, selectUsers } from "../users/read-user.ts";
import { describeDevice } from "./device.ts";
import { firstExpiry, issueTokens } from "./issue-tokens.ts";
import type { Login, Tokens } from "./schema.ts";
import { sessions } from "./table.ts";

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
  return startSession(deps, cause, user);
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

/** Starts a session, unless the user was disabled or given another password since they were read. */
async function startSession(deps: Deps, cause: Cause, user: StoredUser): Promise<Tokens> {
  const now = deps.now();
  const time = now.toISOString();
  const session = {
    id: newId(),
    user_id: user.id,
    counter: 0,
    auth_time: Math.floor(now.getTime() / 1_000),
    method: "password",
    device_info: describeDevice(cause.device_info),
    ip_address: cause.ip_address,
    created_at: time,
    last_seen_at: time,
    expires_at: firstExpiry(deps, now),
  };
  const event = append(
    { ...cause, actor_id: user.id, session_id: session.id },
    {
      type: "session.started",
      aggregate_id: user.id,
      entity_id: session.id,
      time,
      data: { user_id: user.id, session_id: session.id, method: "password", second_factor: null },
    },
    sql`exists (select 1 from users where id = ${user.id} and is_active = 1 and password_hash = ${user.password_hash})`,
  );
  const { applied, rows } = await commit(
    deps.db,
    event,
    [
      insertRow(sessions, session, event.happened),
      sql`update users set last_login_at = ${time} where id = ${user.id} and ${event.happened}`,
    ],
    selectUsers(sql`users.id = ${user.id}`),
  );
  const present = rows[0] as StoredUser | undefined;
  if (!applied || !present) throw new StoaError(present?.is_active === 0 ? "account_disabled" : "invalid_credentials");
  return issueTokens(deps, present, session);
}
