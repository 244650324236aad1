import { among, chunks, type Database, nullable, raw, select, sql } from "@stoa/db";
import { emailKey, notPlain } from "@stoa/mail/address-key";
import { directory } from "../directory/table.ts";

const AT_ONCE = 500;

/**
 * Finds the people of a file among users who are known and were not erased: by the address that the file has of them where a
 * user has verified it, otherwise by their username. An address says better who somebody is than a name that two may choose.
 *
 * @param usernames as the file has them, in lower case
 * @param emails addresses by these usernames, in any spelling
 * @returns ids by username
 */
export async function findPeople(
  db: Database,
  usernames: readonly string[],
  emails: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const { user_id, username } = directory;
  const byName = new Map<string, string>();
  for (const some of chunks(usernames, AT_ONCE)) {
    const its = sql`from ${directory} where erased_at is null and username in ${among(some)}`;
    for (const row of await db.query(select({ user_id, username: nullable(username) }, its))) {
      if (row.username !== null) byName.set(row.username, row.user_id);
    }
  }
  const keys = new Map([...emails].map(([name, email]) => [name, emailKey(email)]));
  const byEmail = await findByKey(db, new Set(keys.values()));
  const found = new Map<string, string>();
  const taken = new Set<string>();
  for (const idOf of [(name: string) => byEmail.get(keys.get(name) ?? ""), (name: string) => byName.get(name)]) {
    for (const name of usernames) {
      const id = found.has(name) ? undefined : idOf(name);
      // Nobody is two people of the file.
      if (id === undefined || taken.has(id)) continue;
      found.set(name, id);
      taken.add(id);
    }
  }
  return found;
}

/** Users by the keys of their addresses. The directory has addresses alone: of what is ASCII, SQL's `lower` makes the key. */
async function findByKey(db: Database, keys: ReadonlySet<string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (keys.size === 0) return found;
  const columns = { user_id: directory.user_id, email: nullable(directory.email) };
  const which = chunks([...keys], AT_ONCE).map((some) => sql`lower(email) in ${among(some)}`);
  for (const its of [...which, sql`email ${raw(notPlain)}`]) {
    const rows = await db.query(select(columns, sql`from ${directory} where erased_at is null and ${its}`));
    for (const row of rows) {
      const key = emailKey(row.email ?? "");
      if (keys.has(key)) found.set(key, row.user_id);
    }
  }
  return found;
}
