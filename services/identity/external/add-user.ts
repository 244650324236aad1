import { insertRow, newId } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { append, command, type Part } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import { candidates, withoutReason } from "../candidates.ts";
import type { StoreDeps } from "../deps.ts";
import { emailUnused, usernameFree, usernamesFor } from "../users/names.ts";
import { users } from "../users/table.ts";
import { becomesUser, type ExternalPerson } from "./identity.ts";

/**
 * Adds a user for a person of the directory: without a password, under the directory's name for them or one made from
 * it.
 *
 * @param email verified by the directory, and nobody's here; null: none
 * @returns their id; undefined when something changed meanwhile
 * @throws StoaError `unavailable` when every name like theirs is taken.
 */
export async function addUser(
  { db, now }: StoreDeps,
  cause: Cause,
  person: ExternalPerson,
  email: string | null,
): Promise<string | undefined> {
  const { name } = person;
  const id = newId();
  const at = now();
  const time = at.toISOString();
  const address = email === null ? {} : { email, email_key: emailKey(email), email_verified: true };
  const theirs = { ...cause, actor_id: id };
  const verified = { type: "user.email_verified", aggregate_id: id, time, data: { user_id: id, email } } as const;
  // The directory says whose it is, even if somebody could have it back by undoing a change.
  const addressFree = email === null ? {} : withoutReason(emailUnused(email));
  const names = usernamesFor(name.includes("@") ? name : `${name}@`, "anyone");
  for (const [username, isFree] of candidates(names, (one) => ({ ...usernameFree(one, at), why: noName }))) {
    const about = { username, full_name: null, is_superuser: false };
    const registered: Part = {
      effects: (happened) => [
        insertRow(users, { id, ...about, ...address, created_at: time, updated_at: time }, happened),
        ...(email === null ? [] : [append(theirs, verified, happened).statement]),
      ],
    };
    const rows = await command(
      db,
      theirs,
      {
        type: "user.registered",
        aggregate_id: id,
        time,
        data: { user_id: id, ...about, roles: [], source: "external" },
      },
      [addressFree, isFree, registered, becomesUser(person, id, time)],
    );
    if (rows) return id;
  }
  return undefined;
}

function noName(): StoaError {
  return new StoaError("unavailable", { headers: { "retry-after": "1" } });
}
