import { insertRow, newId, type Sql } from "@stoa/db";
import type { Cause, EventData } from "@stoa/events";
import { append, type Claim, command, type Part, unmet } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import { candidates } from "../candidates.ts";
import type { UserDeps } from "../deps.ts";
import { normalPassword, requireStrong } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { giveRoles, requireRolesFit, roleSet, rolesExist } from "../roles/known.ts";
import { mailTicket } from "../tickets/mail-ticket.ts";
import { nameColumns } from "./name-key.ts";
import { emailFree, normalUsername, usernameFree, usernamesFor, usernameUnused } from "./names.ts";
import { selectUser, shapeUser } from "./read.ts";
import { refuseReserved } from "./reserved.ts";
import type { NewUser, User } from "./schema.ts";
import { users } from "./table.ts";

/** A user to be, and where they come from. */
export type Registrant = NewUser & { readonly source: EventData<"user.registered">["source"] };

/**
 * Adds a user with a password that someone chose.
 *
 * @param more what must hold besides
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `weak_password`, `email_taken`, `username_taken`, `unknown_role`; `validation_failed` for more roles than
 *   fit a token, and for a reserved username.
 */
export async function register(
  deps: UserDeps,
  cause: Cause,
  { name = null, full_name = name, ...input }: Registrant,
  claim: Claim,
  more: readonly Part[] = [],
): Promise<User | undefined> {
  const { email, username, roles = [] } = input;
  requireRolesFit(roles);
  const password = normalPassword(input.password);
  await requireStrong(requirePasswords(deps), password, [email, username, full_name], "/password");
  return addUser(deps, cause, { ...input, full_name, password }, claim, more);
}

/**
 * Adds a user whose password is known to be strong.
 *
 * @param more what must hold besides
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `email_taken`, `username_taken`, `unknown_role`; `validation_failed` for a reserved username.
 */
export async function addUser(
  deps: UserDeps,
  cause: Cause,
  { password, roles = [], ...input }: Registrant,
  claim: Claim,
  more: readonly Part[] = [],
): Promise<User | undefined> {
  const id = newId();
  const now = deps.now();
  const email = input.email.normalize("NFC");
  const named = input.username === undefined ? undefined : normalUsername(input.username);
  const giver = input.source === "self" ? "anyone" : "trusted";
  refuseReserved(named, giver);
  const free = [
    ...more,
    ...rolesExist(roles),
    emailFree(email, now),
    ...(named === undefined ? [] : [giver === "trusted" ? usernameUnused(named) : usernameFree(named, now)]),
  ];
  // The same conditions guard the command; they are asked here too, before the work of hashing.
  const refused = await unmet(deps.db, free);
  if (refused) throw refused.why();
  const password_hash = await requirePasswords(deps).hash(password);
  const user = { ...input, id, email, password_hash, roles: roleSet(roles) };
  if (named !== undefined) return insertUser(deps, cause, { ...user, username: named }, [...free, claim(id)]);
  for (const [username, isFree] of candidates(usernamesFor(email, giver), (name) => usernameFree(name, now))) {
    const added = await insertUser(deps, cause, { ...user, username }, [...free, claim(id), isFree]);
    if (added) return added;
  }
  return undefined;
}

type NewRow = Omit<Registrant, "password" | "roles"> & {
  readonly id: string;
  readonly username: string;
  readonly password_hash: string;
  /** Sorted, none twice. */
  readonly roles: readonly string[];
};

async function insertUser(
  deps: UserDeps,
  cause: Cause,
  user: NewRow,
  parts: readonly Part[],
): Promise<User | undefined> {
  const time = deps.now().toISOString();
  const { id, username, full_name = null, is_superuser = false, roles, source } = user;
  const registered: Part = {
    effects: (happened) => [
      insertRow(users, rowOf(user, time), happened),
      ...(roles.length > 0 ? [giveRoles(id, roles, happened)] : []),
      ...alsoHappens(deps, cause, user, time, happened),
    ],
  };
  const rows = await command(
    deps.db,
    cause,
    {
      type: "user.registered",
      aggregate_id: id,
      time,
      data: { user_id: id, username, full_name, is_superuser, roles: [...roles], source },
    },
    [...parts, registered],
    selectUser(id),
  );
  return rows?.[0] && shapeUser(rows[0]);
}

function rowOf({ id, username, email, password_hash, ...user }: NewRow, time: string) {
  return {
    id,
    username,
    email,
    email_key: emailKey(email),
    email_verified: user.email_verified ?? false,
    ...nameColumns(user.full_name ?? null),
    password_hash,
    password_changed_at: time,
    is_active: user.is_active ?? true,
    is_superuser: user.is_superuser ?? false,
    created_at: time,
    updated_at: time,
  };
}

/** The events of a user who begins otherwise than usual, and the mail that asks to confirm the address. */
function alsoHappens(deps: UserDeps, cause: Cause, user: NewRow, time: string, happened: Sql): Sql[] {
  const { id, username, email, is_active = true, email_verified = false, source } = user;
  const about = { aggregate_id: id, time };
  const disabled = { ...about, type: "user.disabled" as const, data: { user_id: id, session_ids: [] } };
  const verified = { ...about, type: "user.email_verified" as const, data: { user_id: id, email } };
  const mailed = !email_verified && (source === "self" || source === "admin");
  const addressee = { user_id: id, username, email };
  return [
    ...(is_active ? [] : [append(cause, disabled, happened).statement]),
    ...(email_verified ? [append(cause, verified, happened).statement] : []),
    ...(mailed ? mailTicket(deps, "email_verification", addressee, new Date(time), happened) : []),
  ];
}
