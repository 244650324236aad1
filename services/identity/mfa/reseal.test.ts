import { expect, test } from "bun:test";
import { insertRow, sql } from "@stoa/db";
import { testIdentity } from "../test/harness.ts";
import { resealSecondFactors } from "./reseal.ts";
import { secretBox } from "./secret-box.ts";
import { totpFactors } from "./table.ts";

test("after a new SECRET_KEY every second factor is sealed with it, also of who never logs in, and none is lost", async () => {
  await using identity = await testIdentity();
  const { db } = identity;
  const [old, present] = [secretBox(["the old secret"]), secretBox(["the new secret", "the old secret"])];
  await db.write([
    sql`with recursive n (i) as (select 1 union all select i + 1 from n where i < 450)
      insert into users (id, username, created_at, updated_at) select 'user-' || i, 'u' || i, '2026', '2026' from n`,
  ]);
  const rows = await db.query<{ id: string }>(sql`select id from users where username like 'u%'`);
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
  const alone = secretBox(["the new secret"]);
  for (const { user_id, secret } of await db.query<{ user_id: string; secret: string }>(
    sql`select user_id, secret from totp_factors where user_id <> 'user-7'`,
  )) {
    expect((await alone.open(user_id, secret)).text).toBe(`secret of ${user_id}`);
  }
  expect(await resealSecondFactors(deps, AbortSignal.abort())).toEqual({ sealed: 0, lost: 0 });
});
