import { existsSync } from "node:fs";
import type { Database } from "@stoa/db";
import { schemaIsCurrent } from "@stoa/db/migrations";
import { expectedSchema } from "@stoa/db/migrations/read";
import { called } from "../called.ts";
import { type Environment, targetOf, withDatabase } from "../db/target.ts";

/**
 * Runs work on identity's database. If it is a file, its folder is locked meanwhile.
 *
 * @throws DataDirLockedError when a running Stoa has locked the folder; Error when there is no database, or when it has
 *   another schema
 */
export function withIdentity<T>(env: Environment, work: (db: Database) => Promise<T>): Promise<T> {
  const target = targetOf("identity", env);
  if (target.url.startsWith("file:") && !existsSync(target.url.slice("file:".length))) {
    throw new Error("There is no database of identity here; set DATA_DIR or IDENTITY_DATABASE_URL.");
  }
  return withDatabase(target, async (db) => {
    if (await schemaIsCurrent(db, expectedSchema("identity"))) return work(db);
    throw new Error(`The database of identity is not current; run: ${called("db")} migrate --service identity`);
  });
}
