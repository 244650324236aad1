import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { prepareIdentity } from "../prepare.ts";
import { password, root, type TestIdentity, testIdentity } from "../test/harness.ts";
import { foldKeys } from "./fold-keys.ts";

/** As a row was written before keys were folded in every script. */
const older = (identity: TestIdentity, username: string, email: string, full_name: string) =>
  identity.db.write([
    sql`update users set email = ${email}, email_key = ${email.toLowerCase()}, full_name = ${full_name}, name_key = null
      where username = ${username}`,
  ]);

const keys = async (identity: TestIdentity) =>
  Object.fromEntries(
    (await identity.db.query(sql`select username, email_key, name_key from users`)).map((row) => [
      String(row["username"]),
      [row["email_key"], row["name_key"]],
    ]),
  );

test("rows from before get their keys, a page at a time, and a second run changes nothing", async () => {
  await using identity = await testIdentity();
  const { id } = await identity.register("ana");
  await identity.register("bob");
  await older(identity, "ana", "Élodie@München.example", "Élodie");
  await older(identity, "bob", "bob@EXAMPLE.com", "Bob");
  const many = Array.from({ length: 450 }, (_, index) => `${index}`.padStart(4, "0"));
  const time = new Date().toISOString();
  await identity.db.write([
    sql`insert into users (id, username, full_name, created_at, updated_at)
      select 'id-' || value, 'user-' || value, 'Ünal ' || value, ${time}, ${time} from json_each(${JSON.stringify(many)})`,
    sql`insert into external_identities (origin, guid, user_id, account_id, username, created_at)
      select 'https://directory.example.com', value, ${id}, '1', 'ÉMILE' || value, ${time}
      from json_each(${JSON.stringify(many)})`,
    sql`insert into mails (id, kind, recipient, recipient_key, next_at, expires_at, created_at)
      values ('m', 'invitation', 'a@München.example', 'a@münchen.example', ${time}, ${time}, ${time})`,
    sql`insert into tickets (id, purpose, user_id, hash, email, email_key, created_at, expires_at)
      values ('t', 'email_undo', ${id}, 'h', 'a@München.example', 'a@münchen.example', ${time}, ${time})`,
  ]);
  expect(await foldKeys(identity.db)).toEqual([]);
  const after = await keys(identity);
  expect(after["ana"]).toEqual(["élodie@xn--mnchen-3ya.example", "elodie"]);
  expect(after["bob"]).toEqual(["bob@example.com", null]);
  expect(after["user-0449"]).toEqual([null, "unal 0449"]);
  const left = sql`select 1 from external_identities where username_key is null or username_key not like 'émile%'
    union all select 1 from mails where recipient_key = 'a@münchen.example'
    union all select 1 from tickets where email_key = 'a@münchen.example'`;
  expect(await identity.db.query(left)).toEqual([]);
  expect(await foldKeys(identity.db)).toEqual([]);
  expect(await keys(identity)).toEqual(after);
  expect(
    (await identity.call("POST", "/auth/login", { body: { email: "élodie@münchen.example", password } })).status,
  ).toBe(200);
});

test("of two users with one mailbox the one who verified it has it; the other is named in the log, and has a username", async () => {
  await using identity = await testIdentity();
  const first = await identity.register("first");
  await identity.register("second");
  await older(identity, "first", "ana@münchen.example", "First");
  await older(identity, "second", "ana@ｍünchen.example", "Second");
  await identity.db.write([sql`update users set email_verified = 1 where username = 'second'`]);
  await prepareIdentity(identity.deps, root);
  expect((await keys(identity))["second"]?.[0]).toBe("ana@xn--mnchen-3ya.example");
  expect((await keys(identity))["first"]?.[0]).toBe("ana@münchen.example");
  expect(identity.logged.join("\n")).toContain(first.id);
  expect(identity.logged.join("\n")).not.toContain("ana@");
  await identity.login("first");
});

test("what it looks for stands in indexes of its own", async () => {
  await using identity = await testIdentity();
  const plans = await Promise.all(
    [
      sql`explain query plan select id from users where name_key is null and full_name glob '*[^ -~]*' limit 1`,
      sql`explain query plan select id from users where email_key glob '*[^ -~]*' and id > '' order by id limit 1`,
      sql`explain query plan select guid from external_identities where username_key is null limit 1`,
    ].map(async (plan) => (await identity.db.query(plan)).map(({ detail }) => String(detail)).join(" ")),
  );
  for (const plan of plans) expect(plan).toContain("unfolded");
});
