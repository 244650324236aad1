import { type Database, nullable, raw, select, sql } from "@stoa/db";
import { emailKey, notPlain } from "@stoa/mail/address-key";
import { directory } from "./table.ts";

const AT_ONCE = 200;

/**
 * Makes the keys of addresses anew that were made when case and normal form alone were set aside, in small writes. What is ASCII
 * has the right key already, and the key of an old key is the address's. It may run again, and several at once: each
 * change is of the row that was read. A rebuild of the projection ends with the same keys.
 */
export async function foldDirectoryKeys(db: Database): Promise<void> {
  const { user_id, email_key } = directory;
  const columns = { user_id, email_key: nullable(email_key) };
  for (let after = ""; ; ) {
    const candidates = sql`from ${directory} where email_key ${raw(notPlain)} and user_id > ${after}
      order by user_id limit ${AT_ONCE}`;
    const rows = await db.scan(select(columns, candidates));
    const last = rows.at(-1);
    if (!last) return;
    after = last.user_id;
    const wrong = rows.flatMap(({ user_id, email_key }) => {
      const to = email_key === null ? null : emailKey(email_key);
      return to === email_key ? [] : [{ user_id, from: email_key, to }];
    });
    if (wrong.length === 0) continue;
    await db.write(
      wrong.map(
        ({ user_id, from, to }) =>
          sql`update directory set email_key = ${to} where user_id = ${user_id} and email_key = ${from}`,
      ),
    );
  }
}
