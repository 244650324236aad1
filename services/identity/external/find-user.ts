import { select, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { retrying } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import type { FirstStepPart } from "../mfa/challenge.ts";
import { emailKey } from "../users/names.ts";
import { readStoredUser, type StoredUser, selectUsers } from "../users/read.ts";
import { users } from "../users/table.ts";
import { addUser } from "./add-user.ts";
import type { ExternalPerson } from "./identity.ts";
import { isUnlinked, linkUser } from "./link-user.ts";
import { externalIdentities } from "./table.ts";

/** Milliseconds until a login is given up because every name like the person's is taken. */
const PATIENCE_MS = 2_000;

/**
 * The user of a person of the directory, known by its origin and guid alone. On their first login a user is made for
 * them, or, when both sides have verified the same address, their local user is linked. A local user who is linked to
 * someone of that directory already is never linked to another: addresses change hands.
 *
 * @throws StoaError `account_disabled` for a local user who was to be linked
 */
export async function findUser(deps: Deps, cause: Cause, person: ExternalPerson): Promise<StoredUser> {
  const find = async () => {
    const known = await knownUser(deps, person);
    if (known) return known;
    const { holder, linkable } = await holderOf(deps, person);
    const user_id =
      holder && linkable
        ? await linkUser(deps, cause, person, holder)
        : await addUser(deps, cause, person, holder ? null : person.verified_email);
    return user_id === undefined ? undefined : readStoredUser(deps.db, user_id);
  };
  return retrying(deps.db, `person ${JSON.stringify([person.origin, person.guid])}`, find, PATIENCE_MS);
}

/** The part of a command that a user is still the one of a person of the directory. */
export function isUserOf({ origin, guid }: Pick<ExternalPerson, "origin" | "guid">, user_id: string): FirstStepPart {
  return {
    guard: sql`exists (select 1 from external_identities
      where origin = ${origin} and guid = ${guid} and user_id = ${user_id})`,
  };
}

async function knownUser({ db }: Deps, { origin, guid, account_id, username }: ExternalPerson) {
  const identity = sql`origin = ${origin} and guid = ${guid}`;
  const theirs = sql`users.id = (select user_id from external_identities where ${identity})`;
  const [user] = await db.query(selectUsers(theirs));
  if (!user) return undefined;
  const stale = sql`${identity} and (account_id <> ${account_id} or username <> ${username})`;
  const [row] = await db.query(
    select({ guid: externalIdentities.guid }, sql`from ${externalIdentities} where ${stale}`),
  );
  if (row) {
    const now = sql`account_id = ${account_id}, username = ${username}`;
    await db.write([sql`update external_identities set ${now} where ${stale}`]);
  }
  return user;
}

/** The user who has the person's verified address here, verified or not, and whether they may be linked. */
async function holderOf({ db }: Deps, { origin, verified_email }: ExternalPerson) {
  if (verified_email === null) return { holder: undefined, linkable: false };
  const theirs = sql`users.email_key = ${emailKey(verified_email)}`;
  const [[holder], [linkable]] = await db.queryAll([
    selectUsers(theirs),
    select({ id: users.id }, sql`from ${users} where ${theirs} and email_verified = 1 and ${isUnlinked(origin)}`),
  ]);
  return { holder, linkable: linkable !== undefined };
}
