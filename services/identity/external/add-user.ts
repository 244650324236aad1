import { insertRow, newId, violates } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { emailKey, usernamesFor } from "../users/names.ts";
import { users } from "../users/table.ts";
import { type ExternalPerson, isUnknown, keepIdentity } from "./identity.ts";

/**
 * Adds a user for a person of the directory: without a password, under the directory's name for them or one made from
 * it.
 *
 * @param email verified by the directory, and nobody's here; null: none
 * @returns their id; undefined when something changed meanwhile
 */
export async function addUser(deps: Deps, cause: Cause, person: ExternalPerson, email: string | null) {
  const { name } = person;
  for (const username of usernamesFor(name.includes("@") ? name : `${name}@`)) {
    const result = await insertUser(deps, cause, person, username, email);
    if (result !== "name taken") return result;
  }
  return undefined;
}

async function insertUser(
  { db, now }: Deps,
  cause: Cause,
  person: ExternalPerson,
  username: string,
  email: string | null,
): Promise<string | "name taken" | undefined> {
  const id = newId();
  const time = now().toISOString();
  const about = { username, full_name: null, is_superuser: false };
  const event = append(
    { ...cause, actor_id: id },
    {
      type: "user.registered",
      aggregate_id: id,
      time,
      data: { user_id: id, ...about, roles: [], source: "external" },
    },
    isUnknown(person),
  );
  const address = email === null ? {} : { email, email_key: emailKey(email), email_verified: true };
  try {
    const { applied } = await commit(db, event, [
      insertRow(users, { id, ...about, ...address, created_at: time, updated_at: time }, event.happened),
      keepIdentity(person, id, time, event.happened),
    ]);
    return applied ? id : undefined;
  } catch (error) {
    if (violates(error, "users.username")) return "name taken";
    if (violates(error, "users.email_key")) return undefined;
    throw error;
  }
}
