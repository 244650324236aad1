import { type Database, sql } from "@stoa/db";
import { wrongKeys } from "@stoa/mail/wrong-keys";
import { directory } from "./table.ts";

const { user_id, email_key } = directory;

/**
 * Makes the keys of addresses anew that were made when case and normal form alone were set aside, in small writes. It may run
 * again, and several at once. A rebuild of the projection ends with the same keys.
 */
export async function foldDirectoryKeys(db: Database): Promise<void> {
  // The directory keeps no addresses.
  const keyed = { table: directory, id: user_id, text: email_key, key: email_key, which: sql`1` };
  for await (const rows of wrongKeys(db, keyed)) {
    await db.write(
      rows.map(
        ({ id, key, to }) => sql`update directory set email_key = ${to} where user_id = ${id} and email_key = ${key}`,
      ),
    );
  }
}
