import { insertRow, type Sql, sql } from "@stoa/db";
import type { Part } from "@stoa/journal";
import { caseless } from "@stoa/mail/address-key";
import { type ExternalIdentityRow, externalIdentities } from "./table.ts";

/** By what somebody is known in a directory. */
export type PersonThere = Omit<ExternalIdentityRow, "user_id" | "username_key" | "created_at">;

/** Someone the directory vouches for. */
export interface ExternalPerson extends PersonThere {
  /** What the directory calls them. */
  readonly name: string;
  /** Null unless the directory verified it. */
  readonly verified_email: string | null;
}

/**
 * A link that waits for the user's second factor: until that is proven nothing of the user changes, since whoever has the
 * corporate password alone is not known to be them.
 */
export interface PendingLink extends PersonThere {
  /** The key of the address that both sides have verified. */
  readonly email_key: string | null;
  /** The person's role in the directory. */
  readonly role: string | null;
}

/** The part of a command that links a user to a person of the directory, who is linked to nobody yet. */
export function becomesUser(person: PersonThere, user_id: string, time: string): Part {
  const { origin, guid, account_id, username } = person;
  return {
    guard: sql`not exists (select 1 from external_identities where origin = ${origin} and guid = ${guid})`,
    effects: (happened) => [
      insertRow(
        externalIdentities,
        { origin, guid, user_id, account_id, username, username_key: caseless(username), created_at: time },
        happened,
      ),
    ],
  };
}

/** The condition that a row of `users` is linked to nobody of that directory. */
export function isUnlinked(origin: string): Sql {
  return sql`not exists (select 1 from external_identities e where e.user_id = users.id and e.origin = ${origin})`;
}
