import { expect, test } from "bun:test";
import { insertRow, select, sql } from "@stoa/db";
import { testIdentity } from "../test/harness.ts";
import { users } from "../users/table.ts";
import { factorBox } from "./factor-box.ts";
import { resealSecondFactors } from "./reseal.ts";
import { totpFactors } from "./table.ts";

test("after a new SECRET_KEY every second factor is sealed with it, also of users who never log in, and none is lost", async () => {
  await using identity = await testIdentity();
  const { db } = identity;
  const [old, present] = [factorBox(["the old secret"]), factorBox(["the new secret", "the old secret"])];
  await db.write([
    sql`with recursive n (i) as (select 1 union all select i + 1 from n where i < 450)
      insert into users (id, username, created_at, updated_at) select 'user-' || i, 'u' || i, '2026', '2026' from n`,
  ]);
  const rows = await db.query(select({ id: users.id }, sql`from ${users} where username like 'u%'`));
  const created_at = "2026-11-20T09:00:00.000Z";
  const sealed = await Promise.all(
    rows.map(async ({ id }, index) => ({
      user_id: id,
      secret: await (index % 3 === 0 ? present : old).seal(id, `secret of ${id}`),
      created_at,
    })),
  );
  await db.write(sealed.map((row) => insertRow(totpFactors, row)));
  await db.write([sql`update totp_factors set secret = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' where user_id = 'user-7'`]);

  const { signal } = new AbortController();
  const deps = { db, secretBox: present };
  const first = await resealSecondFactors(deps, signal);
  expect(first.sealed + first.lost).toBeWithin(299, 302);
  expect(first.lost).toBe(1);
  expect(await resealSecondFactors(deps, signal)).toEqual({ sealed: 0, lost: 1 });
  const alone = factorBox(["the new secret"]);
  const { user_id, secret } = totpFactors;
  for (const row of await db.query(select({ user_id, secret }, sql`from ${totpFactors} where user_id <> 'user-7'`))) {
    expect((await alone.open(row.user_id, row.secret)).text).toBe(`secret of ${row.user_id}`);
  }
  expect(await resealSecondFactors(deps, AbortSignal.abort())).toEqual({ sealed: 0, lost: 0 });
});
