import { expect, test } from "bun:test";
import { openDatabase, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { startSqld } from "@stoa/testing";
import { password, testIdentity } from "../test/harness.ts";
import { codeOf, enrolled, mfaToken } from "../test/mfa.ts";

test("two instances on one sqld count as one: five wrong passwords, five tries of a token, one use of a code", async () => {
  await using server = await startSqld();
  const [first, second] = [await openDatabase(server.url), await openDatabase(server.url)];
  await migrate(first, readMigrations("identity"));
  const stored = (db: typeof first) => ({ stored: { db, [Symbol.asyncDispose]: async () => db.close() } });
  await using one = await testIdentity(stored(first));
  await using other = await testIdentity(stored(second));
  const either = (i: number) => (i % 2 ? one : other);

  const { id } = await one.register("grace");
  const guesses = await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      either(i).call("POST", "/auth/login", {
        body: { username: "grace", password: "wrong" },
        headers: { "x-test-address": `198.51.100.${i}` },
      }),
    ),
  );
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5);
  expect(guesses.filter(({ body }) => body.error_code === "login_throttled")).toHaveLength(35);
  expect(await first.query(sql`select failures from login_throttles where key = ${`account:${id}`}`)).toEqual([
    { failures: 5 },
  ]);

  const ada = await enrolled(one, "ada");
  other.clock.ahead = one.clock.ahead;
  const mfa_token = await mfaToken(one, "ada");
  const verify = (i: number, body: object) => either(i).call("POST", "/auth/mfa/verify", { body });
  await Promise.all(Array.from({ length: 20 }, (_, i) => verify(i, { mfa_token, code: "000000" })));
  expect(await first.query(sql`select count(*) as tries from login_attempts where kind = 'code'`)).toEqual([
    { tries: 5 },
  ]);

  one.clock.ahead += 60_000;
  other.clock.ahead += 60_000;
  const tokens = [await mfaToken(one, "ada"), await mfaToken(other, "ada"), await mfaToken(one, "ada")];
  const code = codeOf(one, ada.secret);
  const logins = await Promise.all(tokens.map((token, i) => verify(i, { mfa_token: token, code })));
  expect(logins.filter(({ status }) => status === 200)).toHaveLength(1);
  expect((await one.call("POST", "/auth/login", { body: { username: "ada", password } })).body.error_code).toBe(
    "mfa_required",
  );
});
