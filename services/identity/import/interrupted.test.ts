import { expect, test } from "bun:test";
import { openDatabase, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { system } from "@stoa/events";
import { startProxy, startSqld, temporaryDatabase } from "@stoa/testing";
import { password, testIdentity } from "../test/harness.ts";
import { NDJSON, sendLines } from "../test/importing.ts";
import { importUsers } from "./users.ts";

test("whoever hangs up stops the import between two writes", async () => {
  await using identity = await testIdentity();
  const lines = Array.from({ length: 1_000 }, (_, i) => JSON.stringify({ email: `person.${i}@example.com` }));
  const response = await identity.request("/auth/users/import", {
    method: "POST",
    headers: { authorization: `Bearer ${await identity.superuser()}`, "content-type": NDJSON },
    body: lines.join("\n"),
  });
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  const imported = (await identity.events("user.registered")).length - 1;
  expect(imported).toBeWithin(100, 301);
  expect(imported % 100).toBe(0);
});

test("two imports of one file at once add everyone once", async () => {
  await using identity = await testIdentity();
  const lines = Array.from({ length: 300 }, (_, i) => ({ email: `person.${i}@example.com` }));
  const token = await identity.superuser();
  const both = await Promise.all([sendLines(identity, lines, token), sendLines(identity, lines, token)]);
  const outcomes = both.flatMap((answer) => answer.outcomes);
  expect(outcomes.filter(({ outcome }) => outcome === "created")).toHaveLength(300);
  expect(outcomes.filter(({ outcome }) => outcome === "unchanged")).toHaveLength(300);
  expect(await identity.events("user.registered")).toHaveLength(301);
});

test("a registration that gets between is not overrun: the line is told so", async () => {
  await using identity = await testIdentity();
  const lines = Array.from({ length: 200 }, (_, i) => ({ email: `person${i}@example.com`, username: `person${i}` }));
  const [{ outcomes }] = await Promise.all([
    sendLines(identity, lines),
    ...Array.from({ length: 20 }, (_, i) =>
      identity.call("POST", "/auth/register", {
        body: { email: `person${i * 10}@example.com`, username: `person${i * 10}`, password },
      }),
    ),
  ]);
  const [counts] = await identity.db.query(
    sql`select count(*) as users, count(distinct email_key) as emails from users`,
  );
  expect(counts).toEqual({ users: 201, emails: 201 });
  expect(outcomes.every(({ outcome, error }) => outcome === "created" || error?.error_code === "email_taken")).toBe(
    true,
  );
});

test("a database that goes away is told in the last line, without its own words, and the file goes on from there", async () => {
  await using stored = await temporaryDatabase("identity");
  await using identity = await testIdentity({ stored });
  const token = await identity.superuser();
  const lines = Array.from({ length: 250 }, (_, i) => ({ email: `person.${i}@example.com` }));
  const { write } = identity.db;
  let batches = 0;
  Object.assign(identity.db, {
    write: async (statements: Parameters<typeof write>[0]) => {
      if (statements.length > 100 && ++batches === 2) throw new Error("secret words of the driver");
      return write(statements);
    },
  });
  const broken = await sendLines(identity, lines, token);
  expect(broken.outcomes.slice(0, 100).every(({ outcome }) => outcome === "created")).toBe(true);
  expect(broken.outcomes.slice(100)).toMatchObject([
    { line: 101, outcome: "failed", id: null, error: { error_code: "internal_error" } },
  ]);
  expect(broken.text).not.toContain("secret words");
  const again = await sendLines(identity, lines, token);
  expect(again.outcomes.filter(({ outcome }) => outcome === "unchanged")).toHaveLength(100);
  expect(again.outcomes.filter(({ outcome }) => outcome === "created")).toHaveLength(150);
});

test("an answer of the database that is lost on its way is found out", async () => {
  await using sqld = await startSqld();
  await using proxy = await startProxy(sqld.port);
  const direct = await openDatabase(sqld.url);
  await migrate(direct, readMigrations("identity"));
  const db = await openDatabase(proxy.url, { timeoutMs: 2_000 });
  const lines = Array.from({ length: 5 }, (_, i) => JSON.stringify({ email: `person.${i}@example.com` }));
  let first = true;
  const { write } = db;
  Object.assign(db, {
    write: (statements: Parameters<typeof write>[0]) => {
      if (first) proxy.cut("answer");
      first = false;
      return write(statements);
    },
  });
  const outcomes = (await Array.fromAsync(importUsers({ db, now: () => new Date() }, system, lines))).flat();
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(5).fill("unchanged"));
  expect(await direct.query(sql`select count(*) as n from users`)).toEqual([{ n: 5 }]);
  db.close();
  direct.close();
});
