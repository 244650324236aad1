import { existsSync } from "node:fs";
import type { Database } from "@stoa/db";
import { schemaIsCurrent } from "@stoa/db/migrations";
import { expectedSchema } from "@stoa/db/migrations/read";
import { type Environment, targetOf, withDatabase } from "../db/target.ts";

/**
 * Works with identity's database; if it is a file, under the lock of its folder.
 *
 * @throws DataDirLockedError when a running Stoa has the file; Error when there is none, or of another version
 */
export function withIdentity<T>(env: Environment, work: (db: Database) => Promise<T>): Promise<T> {
  const target = targetOf("identity", env);
  if (target.url.startsWith("file:") && !existsSync(target.url.slice("file:".length))) {
    throw new Error("There is no database of identity here; set DATA_DIR or IDENTITY_DATABASE_URL.");
  }
  return withDatabase(target, async (db) => {
    if (await schemaIsCurrent(db, expectedSchema("identity"))) return work(db);
    throw new Error("The database of identity is not current; run: bun run db migrate --service identity");
  });
}
