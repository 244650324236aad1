import { select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Deps } from "../deps.ts";
import { accountIdOf, externalIdentities } from "./table.ts";

const { guid, account_id, username } = externalIdentities;
const columns = { guid, account_id, username };

/** Whether this is the user's corporate password. */
export type CorporateProof = (password: string) => Promise<boolean>;

/**
 * The check of a corporate user's password; null for other users, and where no directory is configured.
 *
 * @throws StoaError `directory_unavailable`, when the check is called.
 */
export async function corporateProof(
  { db, directory }: Pick<Deps, "db" | "directory">,
  user_id: string,
): Promise<CorporateProof | null> {
  if (!directory) return null;
  const [identity] = await db.query(
    select(columns, sql`from ${externalIdentities} where user_id = ${user_id} and origin = ${directory.origin}`),
  );
  if (!identity) return null;
  const { guid, username } = identity;
  const account_id = accountIdOf(identity.account_id);
  return async (password) => {
    try {
      return (await directory.authenticate({ account_id, username, password })).guid === guid;
    } catch (error) {
      if (error instanceof StoaError && error.status === 401) return false;
      throw error;
    }
  };
}
