import { type Database, insertRow, newId, sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause, EventData } from "@stoa/events";
import { append, type Claim, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { normalPassword, requireStrong } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { mailTicket } from "../tickets/mail-ticket.ts";
import { emailKey, normalUsername, usernamesFor } from "./names.ts";
import { type StoredUser, selectUsers, shapeUser } from "./read-user.ts";
import type { User } from "./schema.ts";
import { users } from "./table.ts";

/** Someone new. */
export interface NewUser {
  readonly email: string;
  readonly password: string;
  /** Made from the e-mail unless given. */
  readonly username?: string | undefined;
  readonly full_name?: string | null | undefined;
  readonly is_superuser?: boolean;
  readonly source: EventData<"user.registered">["source"];
}

/**
 * Adds a user who chose a password.
 *
 * @throws StoaError `weak_password`, `email_taken`, `username_taken`
 */
export async function register(deps: Deps, cause: Cause, input: NewUser, claim: Claim | null = null): Promise<User> {
  const { email, username, full_name } = input;
  const password = normalPassword(input.password);
  await requireStrong(requirePasswords(deps), password, [email, username, full_name], "/password");
  return addUser(deps, cause, { ...input, password }, claim);
}

/**
 * Adds a user whose password is known to be strong.
 *
 * @throws StoaError `email_taken`, `username_taken`
 */
export async function addUser(deps: Deps, cause: Cause, input: NewUser, claim: Claim | null = null): Promise<User> {
  const email = input.email.normalize("NFC");
  const named = input.username === undefined ? undefined : normalUsername(input.username);
  await requireFree(deps.db, email, named);
  const password_hash = await requirePasswords(deps).hash(input.password);
  for (const username of named === undefined ? usernamesFor(email) : [named]) {
    const user = await insertUser(deps, cause, { ...input, email, username, password_hash }, claim);
    if (user) return user;
  }
  throw new StoaError("username_taken");
}

/** Says so before the work of hashing; the unique indexes have the last word. */
async function requireFree(db: Database, email: string, username: string | undefined): Promise<void> {
  const [taken] = await db.query<{ email: number; username: number }>(sql`select
    exists (select 1 from users where email_key = ${emailKey(email)}) as email,
    exists (select 1 from users where username = ${username ?? null}) as username`);
  if (taken?.email === 1) throw new StoaError("email_taken");
  if (taken?.username === 1) throw new StoaError("username_taken");
}

type Row = Omit<NewUser, "password"> & { readonly username: string; readonly password_hash: string };

/** Undefined when the username is taken. */
async function insertUser(deps: Deps, cause: Cause, row: Row, claim: Claim | null): Promise<User | undefined> {
  const id = newId();
  const now = deps.now();
  const time = now.toISOString();
  const { username, email, password_hash, source, full_name = null, is_superuser = false } = row;
  const data = { user_id: id, username, full_name, is_superuser, roles: [], source };
  const event = append(cause, { type: "user.registered", aggregate_id: id, time, data }, claim?.guard);
  const user = {
    id,
    username,
    email,
    email_key: emailKey(email),
    full_name,
    password_hash,
    password_changed_at: time,
    is_superuser,
    created_at: time,
    updated_at: time,
  };
  try {
    const addressee = { user_id: id, username, email };
    const effects = [
      insertRow(users, user, event.happened),
      ...(source === "self" ? mailTicket(deps, "email_verification", addressee, now, event.happened) : []),
      ...(claim ? [claim.record(id, event.happened)] : []),
    ];
    const { applied, rows } = await commit(deps.db, event, effects, selectUsers(sql`users.id = ${id}`));
    // Another request with the same key was faster: the caller looks up what it made.
    if (!applied) throw new StoaError("email_taken");
    return shapeUser(rows[0] as StoredUser);
  } catch (error) {
    if (violates(error, "users.email_key")) throw new StoaError("email_taken", { cause: error });
    if (violates(error, "users.username")) return undefined;
    throw error;
  }
}
