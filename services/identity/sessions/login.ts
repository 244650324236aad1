import { type Sql, sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { retrying } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import type { Deps } from "../deps.ts";
import type { FirstStepPart } from "../mfa/challenge.ts";
import { requirePasswords } from "../passwords/required.ts";
import { checkSpellings } from "../passwords/spellings.ts";
import { loginAttempt } from "../throttle/login-attempt.ts";
import { samePassword } from "../users/check-password.ts";
import { normalUsername } from "../users/names.ts";
import { selectUsers } from "../users/read.ts";
import { users } from "../users/table.ts";
import { finishLogin } from "./finish-login.ts";
import type { Login, Tokens } from "./schema.ts";

/**
 * Starts a session for a user who knows their password. Neither the answer nor the work shows whether the user exists:
 * it takes one read, one hash and one write either way.
 *
 * @throws StoaError `invalid_credentials`, `login_throttled`; only after a right password `account_disabled` and
 *   `mfa_required`, `password_change_required`
 */
export async function login(deps: Deps, cause: Cause, input: Login): Promise<Tokens> {
  const passwords = requirePasswords(deps);
  const { name, named } = nameOf(input);
  return retrying(deps.db, `login ${name}`, async () => {
    const account = sql`select id from users where ${named}`;
    const attempt = loginAttempt(deps, cause, { kind: "password", name, user: account });
    const [[user], [blocks]] = await deps.db.queryAll([selectUsers(named), attempt.blocks]);
    const admitted = attempt.admit(blocks);
    const hash = user?.password_hash ?? null;
    const right = await checkSpellings(passwords, input.password, hash);
    if (!user || hash === null || !right) throw await admitted.failed(new StoaError("invalid_credentials"));
    const renewable = passwords.isPresent(hash) ? null : right.password;
    const renewed = renewable === null ? [] : [rehashed(user.id, hash, await passwords.hash(renewable))];
    // Without its `why`: with another password, the login is decided anew.
    const { guard } = samePassword(user);
    return finishLogin(deps, cause, user, { method: "password", admitted, parts: [{ guard }, ...renewed] });
  });
}

/** @throws StoaError `validation_failed` unless there is exactly one name */
function nameOf({ username, email }: Login): { name: string; named: Sql } {
  const given = username ?? email;
  if (given === undefined || (username !== undefined && email !== undefined)) {
    const message = "Send either username or email.";
    throw new StoaError("validation_failed", { errors: [{ path: "/username", message }] });
  }
  const name = given.trim();
  if (name.includes("@")) return { name: emailKey(name), named: sql`users.email_key = ${emailKey(name)}` };
  return { name: normalUsername(name), named: sql`users.username = ${normalUsername(name)}` };
}

/** The part that stores the same password under our own hash, in place of one of another system or cost. */
function rehashed(user_id: string, from: string, to: string): FirstStepPart {
  const stored = sql`id = ${user_id} and password_hash = ${from}`;
  return { effects: (happened) => [updateRows(users, { password_hash: to }, sql`${stored} and ${happened}`)] };
}
