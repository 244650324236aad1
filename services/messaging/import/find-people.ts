import { among, computed, type Database, nullable, select, sql } from "@stoa/db";
import { directory } from "../directory/table.ts";

const AT_ONCE = 500;

/**
 * Finds the people of a file among users who are known and were not erased: by the address that the file has of them where a
 * user has verified it, otherwise by their username. An address says better who somebody is than a name that two may choose.
 *
 * @param usernames as the file has them, in lower case
 * @param emails addresses by these usernames, in lower case
 * @returns ids by username
 */
export async function findPeople(
  db: Database,
  usernames: readonly string[],
  emails: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const { user_id, username } = directory;
  const email = computed<string>(sql`lower(email)`);
  const [byName, byEmail] = [new Map<string, string>(), new Map<string, string>()];
  for (const some of batches(usernames)) {
    const its = sql`from ${directory} where erased_at is null and username in ${among(some)}`;
    for (const row of await db.query(select({ user_id, username: nullable(username) }, its))) {
      if (row.username !== null) byName.set(row.username, row.user_id);
    }
  }
  for (const some of batches([...new Set(emails.values())])) {
    const its = sql`from ${directory} where erased_at is null and lower(email) in ${among(some)}`;
    for (const row of await db.query(select({ user_id, email }, its))) byEmail.set(row.email, row.user_id);
  }
  const found = new Map<string, string>();
  const taken = new Set<string>();
  for (const idOf of [(name: string) => byEmail.get(emails.get(name) ?? ""), (name: string) => byName.get(name)]) {
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

function batches(all: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, n) => all.slice(n * AT_ONCE, (n + 1) * AT_ONCE));
}
