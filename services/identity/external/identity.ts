import { insertRow, type Sql, sql } from "@stoa/db";
import { type ExternalIdentityRow, externalIdentities } from "./table.ts";

/** Someone the directory vouches for. */
export interface ExternalPerson extends Omit<ExternalIdentityRow, "user_id" | "created_at"> {
  /** What the directory calls them. */
  readonly name: string;
  /** Null unless the directory verified it. */
  readonly verified_email: string | null;
}

/** Keeps who a user is in the directory. */
export function keepIdentity(person: ExternalPerson, user_id: string, time: string, happened: Sql): Sql {
  const { origin, guid, account_id, username } = person;
  return insertRow(externalIdentities, { origin, guid, user_id, account_id, username, created_at: time }, happened);
}

/** The person has no user yet: a guard of commands. */
export function isUnknown({ origin, guid }: ExternalPerson): Sql {
  return sql`not exists (select 1 from external_identities where origin = ${origin} and guid = ${guid})`;
}
