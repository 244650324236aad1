import { sql, updateRows, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { changesOf, type RequestHeaders, refuseReadOnly, requireMatch, valuesOf } from "@stoa/http";
import { append, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { normalUsername } from "./names.ts";
import { readUser, type StoredUser, selectUsers, shapeUser } from "./read-user.ts";
import type { User } from "./schema.ts";
import { users } from "./table.ts";

const editable = ["full_name", "bio", "username"] as const;

/** A merge patch of a user; `name` is an older word for `full_name`. */
export type UserPatch = { readonly [F in keyof User]?: unknown } & { readonly name?: unknown };

/** Tries of a write whose user changed since they were read. */
const TRIES = 5;

/**
 * Changes a user's name, bio or username. What changes nothing writes nothing.
 *
 * @param headers of the request: `If-Match` is heeded
 * @throws StoaError `not_found`, `version_conflict`, `username_taken`, `validation_failed` for read-only fields
 */
export async function updateProfile(
  deps: Deps,
  cause: Cause,
  user_id: string,
  patch: UserPatch,
  headers: RequestHeaders,
): Promise<User> {
  const wanted = normalPatch(patch);
  for (let tries = 0; tries < TRIES; tries++) {
    const user = await readUser(deps.db, user_id);
    requireMatch(headers, user);
    refuseReadOnly(user, wanted, editable);
    const changes = changesOf(user, wanted, editable);
    if (changes.length === 0) return user;
    const updated = await write(deps, cause, user, valuesOf<User, (typeof editable)[number]>(changes));
    if (updated) return updated;
  }
  throw new StoaError("unavailable", { headers: { "retry-after": "1" } });
}

/** Undefined when the user changed since they were read. */
async function write(deps: Deps, cause: Cause, user: User, values: Partial<User>): Promise<User | undefined> {
  const time = deps.now().toISOString();
  const { id: user_id, username, full_name } = { ...user, ...values };
  const event = append(
    cause,
    { type: "user.updated", aggregate_id: user_id, time, data: { user_id, username, full_name } },
    sql`exists (select 1 from users where id = ${user_id} and version = ${user.version})`,
  );
  const set = { ...values, version: user.version + 1, updated_at: time };
  const update = updateRows(users, set, sql`id = ${user_id} and ${event.happened}`);
  try {
    const { applied, rows } = await commit(deps.db, event, [update], selectUsers(sql`users.id = ${user_id}`));
    return applied ? shapeUser(rows[0] as StoredUser) : undefined;
  } catch (error) {
    if (violates(error, "users.username")) throw new StoaError("username_taken", { cause: error });
    throw error;
  }
}

function normalPatch({ name, ...patch }: UserPatch): UserPatch {
  const named = name === undefined ? patch : { ...patch, full_name: patch.full_name ?? name };
  if (typeof named.username !== "string") return named;
  return { ...named, username: normalUsername(named.username) };
}
