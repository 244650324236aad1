import { all, type Database, insertRow, newId, type Sql, sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause, EventData } from "@stoa/events";
import { append, type Claim, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { normalPassword, requireStrong } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { giveRoles, requireRoles, rolesExist } from "../roles/known.ts";
import { mailTicket } from "../tickets/mail-ticket.ts";
import { emailKey, normalUsername, usernamesFor } from "./names.ts";
import { type StoredUser, selectUsers, shapeUser } from "./read.ts";
import type { User } from "./schema.ts";
import { users } from "./table.ts";

/** Someone new. */
export interface NewUser {
  readonly email: string;
  readonly password: string;
  /** Made from the e-mail unless given. */
  readonly username?: string | undefined;
  readonly full_name?: string | null | undefined;
  readonly is_active?: boolean | undefined;
  readonly is_superuser?: boolean | undefined;
  readonly email_verified?: boolean | undefined;
  /** By name. */
  readonly roles?: readonly string[] | undefined;
  readonly source: EventData<"user.registered">["source"];
}

/**
 * Adds a user with a password that someone chose.
 *
 * @throws StoaError `weak_password`, `email_taken`, `username_taken`, `unknown_role`
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
 * @throws StoaError `email_taken`, `username_taken`, `unknown_role`
 */
export async function addUser(deps: Deps, cause: Cause, input: NewUser, claim: Claim | null = null): Promise<User> {
  const email = input.email.normalize("NFC");
  const named = input.username === undefined ? undefined : normalUsername(input.username);
  await requireRoles(deps, input.roles ?? []);
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
  const { username, full_name = null, is_superuser = false, source } = row;
  const roles = [...new Set(row.roles ?? [])].sort();
  const data = { user_id: id, username, full_name, is_superuser, roles, source };
  const time = deps.now().toISOString();
  const guards = [...(claim ? [claim.guard] : []), ...(roles.length > 0 ? [rolesExist(roles)] : [])];
  const event = append(cause, { type: "user.registered", aggregate_id: id, time, data }, all(guards));
  const effects = [...effectsOf(deps, cause, { ...row, id, roles }, time, event.happened)];
  if (claim) effects.push(claim.record(id, event.happened));
  try {
    const { applied, rows } = await commit(deps.db, event, effects, selectUsers(sql`users.id = ${id}`));
    if (applied) return shapeUser(rows[0] as StoredUser);
    await requireRoles(deps, roles);
    // Another request with the same key was faster: the caller looks up what it made.
    throw new StoaError("email_taken");
  } catch (error) {
    if (violates(error, "users.email_key")) throw new StoaError("email_taken", { cause: error });
    if (violates(error, "users.username")) return undefined;
    throw error;
  }
}

/** The row, the roles, what else is told of someone who begins otherwise than usual, and the mail to confirm. */
function effectsOf(
  deps: Deps,
  cause: Cause,
  row: Row & { readonly id: string; readonly roles: readonly string[] },
  time: string,
  happened: Sql,
): Sql[] {
  const { id, username, email, is_active = true, email_verified = false } = row;
  const user = {
    id,
    username,
    email,
    email_key: emailKey(email),
    email_verified,
    full_name: row.full_name ?? null,
    password_hash: row.password_hash,
    password_changed_at: time,
    is_active,
    is_superuser: row.is_superuser ?? false,
    created_at: time,
    updated_at: time,
  };
  const about = { aggregate_id: id, time };
  const disabled = { ...about, type: "user.disabled" as const, data: { user_id: id, session_ids: [] } };
  const verified = { ...about, type: "user.email_verified" as const, data: { user_id: id } };
  const mailed = !email_verified && (row.source === "self" || row.source === "admin");
  return [
    insertRow(users, user, happened),
    ...(row.roles.length > 0 ? [giveRoles(id, row.roles, happened)] : []),
    ...(is_active ? [] : [append(cause, disabled, happened).statement]),
    ...(email_verified ? [append(cause, verified, happened).statement] : []),
    ...(mailed
      ? mailTicket(deps, "email_verification", { user_id: id, username, email }, new Date(time), happened)
      : []),
  ];
}
