import { type Database, select, sql } from "@stoa/db";
import { normalUsername } from "@stoa/identity/users/names";
import { users } from "@stoa/identity/users/table";
import { emailKey } from "@stoa/mail/address-key";

/**
 * Finds a user by id, username or e-mail.
 *
 * @throws Error when there is none
 */
export async function findUser(db: Database, name: string): Promise<string> {
  const { id } = users;
  const [found] = await db.query(
    select(
      { id },
      sql`from ${users} where id = ${name} or username = ${normalUsername(name)} or email_key = ${emailKey(name)} limit 1`,
    ),
  );
  if (!found) throw new Error(`There is no user ${name}.`);
  return found.id;
}
