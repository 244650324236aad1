import { insertRow, type Sql, violates } from "@stoa/db";
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

/** Whether an error says that the person got a user meanwhile. */
export function isKnownMeanwhile(error: unknown): boolean {
  return violates(error, "external_identities.origin, external_identities.guid");
}
