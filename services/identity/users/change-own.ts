import type { Actor } from "@stoa/auth";
import { type Sql, sql, updateRows, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { changesOf, type RequestHeaders, refuseReadOnly, requireMatch, valuesOf } from "@stoa/http";
import { append, commit, retrying } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { requireStepUp } from "../sessions/step-up.ts";
import { mailTicket, mayMail } from "../tickets/mail-ticket.ts";
import { emailKey, normalUsername } from "./names.ts";
import { readUser, type StoredUser, selectUsers, shapeUser } from "./read.ts";
import type { User } from "./schema.ts";
import { users } from "./table.ts";

const editable = ["full_name", "bio", "username"] as const;

type Values = { readonly [F in (typeof editable)[number]]?: User[F] };

/** A merge patch of a user; `name` is an older word for `full_name`. */
export type UserPatch = { readonly [F in keyof User]?: unknown } & { readonly name?: unknown };

/**
 * Changes the asker's name, bio or username; a new e-mail becomes `pending_email` and is mailed a ticket. What changes
 * nothing writes nothing.
 *
 * @param headers of the request: `If-Match` is heeded
 * @throws StoaError `not_found`, `version_conflict`, `username_taken`, `email_taken`, `step_up_required` and
 *   `rate_limited` for a new e-mail, `validation_failed` for read-only fields
 */
export function updateProfile(deps: Deps, actor: Actor, patch: UserPatch, headers: RequestHeaders): Promise<User> {
  const wanted = normalPatch(patch);
  return retrying(async () => {
    const user = await readUser(deps.db, actor.user_id);
    requireMatch(headers, user);
    refuseReadOnly(user, wanted, [...editable, "email"]);
    const values = valuesOf<User, keyof Values>(changesOf(user, wanted, editable));
    const pending_email = newEmail(user, wanted.email);
    if (Object.keys(values).length === 0 && pending_email === undefined) return user;
    if (pending_email !== undefined) {
      requireStepUp(deps, actor);
      await requireMailable(deps, pending_email, user.id);
    }
    return write(deps, actor.cause, user, values, pending_email);
  });
}

/** Undefined when the user changed since they were read. */
async function write(
  deps: Deps,
  cause: Cause,
  user: User,
  values: Values,
  pending_email: string | undefined,
): Promise<User | undefined> {
  const now = deps.now();
  const time = now.toISOString();
  const { id: user_id, username, full_name } = { ...user, ...values };
  const unchanged = sql`exists (select 1 from users where id = ${user_id} and version = ${user.version})`;
  const profile = () =>
    append(
      cause,
      { type: "user.updated", aggregate_id: user_id, time, data: { user_id, username, full_name } },
      unchanged,
    );
  const request = (when: Sql) =>
    append(cause, { type: "user.email_change_requested", aggregate_id: user_id, time, data: { user_id } }, when);
  const named = Object.keys(values).length > 0;
  const event = named ? profile() : request(unchanged);
  const effects: Sql[] = [];
  if (pending_email !== undefined) {
    if (named) effects.push(request(event.happened).statement);
    const addressee = { user_id, username, email: pending_email };
    effects.push(...mailTicket(deps, "email_change", addressee, now, event.happened));
  }
  const set = { ...values, ...(pending_email && { pending_email }), version: user.version + 1, updated_at: time };
  effects.push(updateRows(users, set, sql`id = ${user_id} and ${event.happened}`));
  try {
    const { applied, rows } = await commit(deps.db, event, effects, selectUsers(sql`users.id = ${user_id}`));
    return applied ? shapeUser(rows[0] as StoredUser) : undefined;
  } catch (error) {
    if (violates(error, "users.username")) throw new StoaError("username_taken", { cause: error });
    throw error;
  }
}

/** The e-mail that is asked for, if it is another than the present one and the one that waits already. */
function newEmail(user: User, wanted: unknown): string | undefined {
  if (wanted === undefined || wanted === user.email) return undefined;
  if (typeof wanted === "string") return wanted === user.pending_email ? undefined : wanted;
  const message = "An e-mail can be replaced, not removed.";
  throw new StoaError("validation_failed", { errors: [{ path: "/email", message }] });
}

/**
 * That nobody has the address, of which the unique index has the last word when it is confirmed; and that not every
 * address in the world is mailed to through one user.
 */
async function requireMailable(deps: Deps, email: string, user_id: string): Promise<void> {
  const [row] = await deps.db.query<{ taken: number; may: number }>(sql`select
    exists (select 1 from users where email_key = ${emailKey(email)} and id <> ${user_id}) as taken,
    ${mayMail("email_change", user_id, deps.now())} as may`);
  if (row?.taken === 1) throw new StoaError("email_taken");
  if (row?.may === 1) return;
  const detail = "Too many new addresses in an hour; try again after the time in Retry-After.";
  throw new StoaError("rate_limited", { detail, headers: { "retry-after": "3600" } });
}

/** A patch with `name` read as `full_name`, and the username as it is kept. */
export function normalPatch({ name, ...patch }: UserPatch): UserPatch {
  const named = name === undefined ? patch : { ...patch, full_name: patch.full_name ?? name };
  if (typeof named.username !== "string") return named;
  return { ...named, username: normalUsername(named.username) };
}
