import { computed, raw, select, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { retrying } from "@stoa/journal";
import { caseless, emailKey } from "@stoa/mail/address-key";
import type { Deps, StoreDeps } from "../deps.ts";
import type { FirstStepPart } from "../mfa/challenge.ts";
import { readStoredUser, type StoredUser, selectUsers, userColumns } from "../users/read.ts";
import { users } from "../users/table.ts";
import { addUser } from "./add-user.ts";
import { type ExternalPerson, isUnlinked, type PersonThere } from "./identity.ts";
import { linkUser } from "./link-user.ts";
import { externalIdentities } from "./table.ts";

/** The user of a person of the directory. */
interface Found {
  readonly user: StoredUser;
  /** They are to be linked, and have a second factor: the link waits for it. */
  readonly waits?: true;
}

/**
 * The user of a person of the directory, known by its origin and guid alone. On their first login a user is made for
 * them, or, when both sides have verified the same address, their local user is linked: at once, or with a second factor
 * when that is proven. A local user who is linked to someone of that directory already is never linked to another: addresses
 * change hands.
 *
 * @throws StoaError `account_disabled` for a local user who was to be linked.
 */
export function findUser(deps: Deps, cause: Cause, person: ExternalPerson): Promise<Found> {
  return retrying(deps.db, `person ${person.origin} ${person.guid}`, async () => {
    const known = await knownUser(deps, person);
    if (known) return { user: known };
    const holder = await holderOf(deps, person);
    if (holder?.linkable && holder.mfa_enabled === 1) return { user: holder, waits: true };
    const user_id = holder?.linkable
      ? await linkUser(deps, cause, person, holder)
      : await addUser(deps, cause, person, holder ? null : person.verified_email);
    return user_id === undefined ? undefined : { user: await readStoredUser(deps.db, user_id) };
  });
}

/** The part of a command that a user is still the one of a person of the directory. */
export function isUserOf({ origin, guid }: PersonThere, user_id: string): FirstStepPart {
  return {
    guard: sql`exists (select 1 from external_identities
      where origin = ${origin} and guid = ${guid} and user_id = ${user_id})`,
  };
}

async function knownUser({ db }: StoreDeps, person: ExternalPerson): Promise<StoredUser | undefined> {
  const { origin, guid, account_id, username } = person;
  const identity = sql`origin = ${origin} and guid = ${guid}`;
  const theirs = sql`users.id = (select user_id from external_identities where ${identity})`;
  const [user] = await db.query(selectUsers(theirs));
  if (!user) return undefined;
  const stale = sql`${identity} and (account_id <> ${account_id} or username <> ${username})`;
  const [row] = await db.query(
    select({ one: computed<number>(raw("1")) }, sql`from ${externalIdentities} where ${stale}`),
  );
  if (row) {
    const now = sql`account_id = ${account_id}, username = ${username},
      username_key = ${caseless(username)}`;
    await db.write([sql`update external_identities set ${now} where ${stale}`]);
  }
  return user;
}

/** The user who has the person's verified address here, verified or not, and whether they can be linked. */
async function holderOf({ db }: StoreDeps, { origin, verified_email }: ExternalPerson) {
  if (verified_email === null) return undefined;
  const linkable = computed<number>(sql`email_verified = 1 and ${isUnlinked(origin)}`);
  const holding = sql`from ${users} where email_key = ${emailKey(verified_email)}`;
  const [holder] = await db.query(select({ ...userColumns, linkable }, holding));
  return holder;
}
