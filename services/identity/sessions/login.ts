import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { retrying } from "@stoa/journal";
import type { Static } from "elysia";
import type { Deps } from "../deps.ts";
import { normalPassword } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { loginAttempt } from "../throttle/login-attempt.ts";
import { emailKey, normalUsername } from "../users/names.ts";
import { type StoredUser, selectUsers } from "../users/read.ts";
import { finishLogin } from "./finish-login.ts";
import type { Login, Tokens } from "./schema.ts";

/**
 * Starts a session for whoever knows the password. Whether the user exists shows neither in the answer nor in the
 * work: one read, one hash and one write either way.
 *
 * @throws StoaError `invalid_credentials`, `login_throttled`; only after a right password `account_disabled` and
 *   `mfa_required`
 */
export async function login(deps: Deps, cause: Cause, input: Static<typeof Login>): Promise<Tokens> {
  const passwords = requirePasswords(deps);
  const { name, named } = nameOf(input);
  const password = normalPassword(input.password);
  return retrying(async () => {
    const user = sql`select id from users where ${named}`;
    const attempt = loginAttempt(deps, cause, { kind: "password", name, user });
    const [[found] = [], [standing] = []] = await deps.db.queryAll([selectUsers(named), attempt.standing]);
    const admitted = attempt.admit(standing);
    const known = found as StoredUser | undefined;
    const hash = known?.password_hash ?? null;
    const right = await passwords.verify(password, hash);
    if (!known || hash === null || !right) throw await admitted.failed(new StoaError("invalid_credentials"));
    const renewed = passwords.isPresent(hash) ? null : await passwords.hash(password);
    return finishLogin(deps, cause, known, {
      method: "password",
      admitted,
      still: sql`password_hash = ${hash}`,
      effects: (happened) => (renewed === null ? [] : [rehash(known.id, hash, renewed, happened)]),
    });
  });
}

/** @throws StoaError `validation_failed` unless there is exactly one name */
function nameOf({ username, email }: Static<typeof Login>): { name: string; named: Sql } {
  const given = username ?? email;
  if (given === undefined || (username !== undefined && email !== undefined)) {
    const message = "Send either username or email.";
    throw new StoaError("validation_failed", { errors: [{ path: "/username", message }] });
  }
  const name = given.trim();
  if (name.includes("@")) return { name: emailKey(name), named: sql`users.email_key = ${emailKey(name)}` };
  return { name: normalUsername(name), named: sql`users.username = ${normalUsername(name)}` };
}

/** The same password under our own hash, which this login has just paid for: one of another system goes. */
function rehash(user_id: string, from: string, to: string, happened: Sql): Sql {
  return sql`update users set password_hash = ${to}
    where id = ${user_id} and password_hash = ${from} and ${happened}`;
}
