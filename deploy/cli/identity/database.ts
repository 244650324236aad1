import type { Database } from "@stoa/db";
import { schemaIsCurrent } from "@stoa/db/migrations";
import { expectedSchema } from "@stoa/db/migrations/read";
import { called } from "../called.ts";
import { type Environment, isThere, targetOf, withDatabase } from "../db/target.ts";

/**
 * Runs work on identity's database. If it is a file, its folder is locked meanwhile.
 *
 * @param open `besideStoa` for work that may be done while Stoa runs
 * @throws DataDirLockedError when a running Stoa has locked the folder; Error when there is no database, or when it has
 *   another schema
 */
export function withIdentity<T>(
  env: Environment,
  work: (db: Database) => Promise<T>,
  open: typeof withDatabase = withDatabase,
): Promise<T> {
  const target = targetOf("identity", env);
  if (!isThere(target)) {
    throw new Error("There is no database of identity here; set DATA_DIR or IDENTITY_DATABASE_URL.");
  }
  return open(target, async (db) => {
    if (await schemaIsCurrent(db, expectedSchema("identity"))) return work(db);
    throw new Error(`The database of identity is not current; run: ${called("db")} migrate --service identity`);
  });
}
