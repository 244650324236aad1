import { type Database, raw, select, sql, unqualified, updateRows } from "@stoa/db";
import { caseless, notPlain } from "@stoa/mail/address-key";
import { mails } from "@stoa/mail/table";
import { type Keyed, wrongKeys } from "@stoa/mail/wrong-keys";
import { externalIdentities } from "../external/table.ts";
import { invitations } from "../invitations/table.ts";
import { tickets } from "../tickets/table.ts";
import { nameColumns } from "./name-key.ts";
import { users } from "./table.ts";

const AT_ONCE = 200;

const ofUsers = { table: users, id: users.id, text: users.email, key: users.email_key };
/** Of two users with one mailbox, the one who has verified it has it, or else the first. */
const addresses: readonly Keyed[] = [
  { ...ofUsers, which: sql`email_verified = 1` },
  { ...ofUsers, which: sql`email_verified = 0` },
  { table: tickets, id: tickets.id, text: tickets.email, key: tickets.email_key, which: sql`email_key is not null` },
  { table: invitations, id: invitations.id, text: invitations.email, key: invitations.email_key, which: sql`1` },
  {
    table: mails,
    id: mails.id,
    text: mails.recipient,
    key: mails.recipient_key,
    which: sql`recipient_key is not null`,
  },
];

/**
 * Makes the keys of rows from before addresses and names were compared in every script, in small writes. What is ASCII has the
 * right key already. It may run again, and several at once: each change is of the row that was read.
 *
 * @returns users whose mailbox is somebody else's too: they keep their key, and log in by username
 */
export async function foldKeys(db: Database): Promise<readonly string[]> {
  for (const keyed of addresses) {
    for await (const rows of wrongKeys(db, keyed)) {
      const { table, key } = keyed;
      await db.write(
        rows.map(
          (row) =>
            sql`update or ignore ${table} set ${unqualified(key)} = ${row.to} where id = ${row.id} and ${key} = ${row.key}`,
        ),
      );
    }
  }
  await foldDirectoryNames(db);
  await foldNames(db);
  const shared: string[] = [];
  for await (const rows of wrongKeys(db, { ...ofUsers, which: sql`1` })) shared.push(...rows.map(({ id }) => id));
  return shared;
}

async function foldDirectoryNames(db: Database): Promise<void> {
  const { origin, guid, username } = externalIdentities;
  const missing = sql`from ${externalIdentities} where username_key is null limit ${AT_ONCE}`;
  for (;;) {
    const rows = await db.query(select({ origin, guid, username }, missing));
    if (rows.length === 0) return;
    await db.write(
      rows.map((row) => {
        const which = sql`origin = ${row.origin} and guid = ${row.guid} and username = ${row.username}`;
        return updateRows(externalIdentities, { username_key: caseless(row.username) }, which);
      }),
    );
  }
}

async function foldNames(db: Database): Promise<void> {
  const { id, full_name } = users;
  const missing = sql`from ${users} where name_key is null and full_name ${raw(notPlain)} limit ${AT_ONCE}`;
  for (;;) {
    const rows = await db.query(select({ id, full_name }, missing));
    if (rows.length === 0) return;
    await db.write(
      rows.map((row) =>
        updateRows(
          users,
          { name_key: nameColumns(row.full_name).name_key },
          sql`id = ${row.id} and full_name is ${row.full_name}`,
        ),
      ),
    );
  }
}
