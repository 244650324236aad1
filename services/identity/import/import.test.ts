import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { openDatabase, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { system } from "@stoa/events";
import { strict } from "@stoa/http/strict";
import { startProxy, startSqld, temporaryDatabase } from "@stoa/testing";
import { bunPasswords } from "../passwords-bun.ts";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { linesIn } from "./lines.ts";
import { LineOutcome } from "./schema.ts";
import { importUsers } from "./users.ts";

const NDJSON = "application/x-ndjson";

/** Sends lines as a superuser does. */
async function send(identity: TestIdentity, lines: readonly (object | string)[], token?: string, query = "") {
  const bearer = token ?? (await identity.superuser());
  const response = await identity.request(`/auth/users/import${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": NDJSON },
    body: lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"),
  });
  const text = await response.text();
  const outcomes =
    response.status === 200
      ? text
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line))
      : [];
  for (const outcome of outcomes) expect([...Value.Errors(strict(LineOutcome), outcome)]).toEqual([]);
  return { status: response.status, headers: response.headers, text, outcomes: outcomes as LineOutcome[] };
}

const short = (outcomes: readonly LineOutcome[]) =>
  outcomes.map(({ line, outcome, error }) => [line, outcome, ...(error ? [error.error_code] : [])]);

const bcrypt = () => Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });

describe("200", () => {
  test("users come with hashes, names and roles, each line answered, and log in with what they knew", async () => {
    await using identity = await testIdentity({ passwords: bunPasswords() });
    const token = await identity.superuser();
    await identity.call("POST", "/auth/roles", { token, body: { name: "auditor" } });
    const { status, headers, outcomes } = await send(
      identity,
      [
        { email: "Ada@Example.com", username: "Ada", full_name: " Ada Lovelace ", password_hash: await bcrypt() },
        "",
        { email: "grace@example.com", roles: ["auditor", "auditor"] },
      ],
      token,
    );
    expect([status, headers.get("content-type")]).toEqual([200, NDJSON]);
    expect(short(outcomes)).toEqual([
      [1, "created"],
      [3, "created"],
    ]);
    const session = await identity.login("ada@example.com");
    const { body: ada } = await identity.call("GET", "/auth/me", { token: session.access_token });
    expect(ada).toMatchObject({
      id: outcomes[0]?.id ?? "",
      username: "ada",
      email: "Ada@Example.com",
      full_name: "Ada Lovelace",
      email_verified: false,
    });
    const { body: grace } = await identity.call("GET", `/auth/users/${outcomes[1]?.id}`, { token });
    expect(grace).toMatchObject({ username: "grace", roles: ["auditor"] });
    const wrong = await identity.call("POST", "/auth/login", { body: { username: "grace", password } });
    expect(wrong.status).toBe(401);
  });

  test("each user has an event, which says that they were imported, and who by", async () => {
    await using identity = await testIdentity();
    const { outcomes } = await send(identity, [{ email: "ada@example.com" }, { email: "grace@example.com" }]);
    const [root] = await identity.db.query(sql`select id from users where is_superuser = 1`);
    const registered = (await identity.events("user.registered")).slice(1);
    expect(registered.map(({ aggregate_id }) => aggregate_id)).toEqual(outcomes.map(({ id }) => id));
    expect(registered[0]).toMatchObject({ actor_id: root?.["id"], ip_address: "192.0.2.1" });
    expect(JSON.parse(String(registered[0]?.["data"]))).toEqual({
      user_id: outcomes[0]?.id,
      username: "ada",
      full_name: null,
      is_superuser: false,
      roles: [],
      source: "import",
    });
  });

  test("the same lines again change nothing, and new lines are imported", async () => {
    await using identity = await testIdentity();
    const lines = Array.from({ length: 250 }, (_, i) => ({
      email: `person.${i}@example.com`,
      username: `person-${i}`,
    }));
    const first = await send(identity, lines.slice(0, 120));
    const again = await send(identity, lines);
    expect(again.outcomes.map(({ outcome }) => outcome)).toEqual([
      ...Array<"unchanged">(120).fill("unchanged"),
      ...Array<"created">(130).fill("created"),
    ]);
    expect(again.outcomes.slice(0, 120).map(({ id }) => id)).toEqual(first.outcomes.map(({ id }) => id));
    expect((await identity.events("user.registered")).length).toBe(251);
    expect((await send(identity, [{ email: "PERSON.7@example.com", full_name: "Other" }])).outcomes).toMatchObject([
      { outcome: "unchanged", id: first.outcomes[7]?.id ?? "" },
    ]);
  });

  test("a line that cannot be taken is refused with its reason, and the others go on", async () => {
    await using identity = await testIdentity();
    await identity.register("taken");
    const { outcomes } = await send(identity, [
      { email: "ada@example.com", username: "ada" },
      { email: "taken@example.com" },
      { email: "other@example.com", username: "Taken" },
      { email: "third@example.com", username: "ADA" },
      { email: "ADA@example.com", username: "ada2" },
      { email: "no address" },
      { email: "x@example.com", roles: ["nobody has made this"] },
      { email: "x@example.com", password_hash: "$2b$17$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW" },
      { email: "x@example.com", password_hash: "5f4dcc3b5aa765d61d8327deb882cf99" },
      { email: "x@example.com", password: "in the clear" },
      '{"email":"x@example.com"',
      '{"email":"x@example.com","email":"y@example.com"}',
      "[]",
      { email: "last@example.com" },
    ]);
    expect(short(outcomes)).toEqual([
      [1, "created"],
      [2, "refused", "email_taken"],
      [3, "refused", "username_taken"],
      [4, "refused", "username_taken"],
      [5, "unchanged"],
      [6, "refused", "validation_failed"],
      [7, "refused", "unknown_role"],
      [8, "refused", "unsupported_hash"],
      [9, "refused", "unsupported_hash"],
      [10, "refused", "validation_failed"],
      [11, "refused", "malformed_json"],
      [12, "refused", "malformed_json"],
      [13, "refused", "validation_failed"],
      [14, "created"],
    ]);
    expect(outcomes[7]?.error?.detail).toBe("bcrypt costs from 4 to 16 are taken, not 17.");
    expect(outcomes[9]?.error?.errors).toMatchObject([{ path: "/password" }]);
    const said = JSON.stringify(outcomes);
    for (const secret of ["5f4dcc3b5aa765d61d8327deb882cf99", "in the clear"]) expect(said).not.toContain(secret);
  });

  test("usernames are made where none are given, also of addresses that are alike", async () => {
    await using identity = await testIdentity();
    const { outcomes } = await send(identity, [
      { email: "ada@one.example.com" },
      { email: "ada@two.example.com" },
      { email: "ada@three.example.com" },
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["created", "created", "created"]);
    const rows = await identity.db.query(sql`select username from users where is_superuser = 0 order by id`);
    expect(rows.map(({ username }) => String(username).replace(/\d{4}$/, "0000"))).toEqual([
      "ada",
      "ada-0000",
      "ada-0000",
    ]);
  });
});

describe("somebody without an address", () => {
  test("is known by the username, and the same line again adds nobody", async () => {
    await using identity = await testIdentity();
    await identity.register("taken");
    const lines = [
      { email: null, username: "Cy", full_name: "Cy Young" },
      { email: null, username: "cy.y", full_name: "Cy Young" },
      { email: null, username: "CY.Y" },
      { email: null, username: "taken" },
      { email: null },
      { email: null, username: "dan", email_verified: true },
      { username: "eve" },
    ];
    const first = await send(identity, lines);
    expect(short(first.outcomes)).toEqual([
      [1, "refused", "validation_failed"],
      [2, "created"],
      [3, "unchanged"],
      [4, "refused", "username_taken"],
      [5, "refused", "validation_failed"],
      [6, "refused", "validation_failed"],
      [7, "refused", "validation_failed"],
    ]);
    expect(first.outcomes.map(({ error }) => error?.errors?.[0]?.path)).toEqual([
      "/username",
      undefined,
      undefined,
      undefined,
      "/username",
      "/email_verified",
      "/email",
    ]);
    const again = await send(identity, lines);
    expect(again.outcomes[1]).toEqual({ line: 2, outcome: "unchanged", id: first.outcomes[1]?.id ?? "" });
    const { body } = await identity.call("GET", `/auth/users/${first.outcomes[1]?.id}`, {
      token: await identity.superuser(),
    });
    expect(body).toMatchObject({ username: "cy.y", email: null, email_verified: false, full_name: "Cy Young" });
    expect(await identity.events("user.registered")).toHaveLength(3);
  });

  test("cannot log in, and does once a superuser has given them an address", async () => {
    await using identity = await testIdentity({ passwords: bunPasswords() });
    const token = await identity.superuser();
    const { outcomes } = await send(identity, [{ email: null, username: "cyril" }], token);
    const login = () => identity.call("POST", "/auth/login", { body: { username: "cyril", password } });
    expect((await login()).status).toBe(401);
    await identity.call("PATCH", `/auth/users/${outcomes[0]?.id}`, { token, body: { email: "cyril@example.com" } });
    expect((await send(identity, [{ email: null, username: "cyril" }], token)).outcomes[0]).toMatchObject({
      outcome: "unchanged",
    });
  });
});

test("a dry run says what would become of each line, and adds nobody", async () => {
  await using identity = await testIdentity();
  await identity.register("taken");
  const lines = [
    { email: "ada@example.com" },
    { email: "ADA@example.com" },
    { email: "taken@example.com" },
    { email: null, username: "cyril" },
    { email: null, username: "cyril" },
    { email: "no address" },
  ];
  const dry = await send(identity, lines, undefined, "?dry_run=true");
  expect(dry.outcomes.map(({ outcome, id, error }) => [outcome, id, error?.error_code])).toEqual([
    ["created", null, undefined],
    ["unchanged", null, undefined],
    ["refused", null, "email_taken"],
    ["created", null, undefined],
    ["unchanged", null, undefined],
    ["refused", null, "validation_failed"],
  ]);
  expect(await identity.events("user.registered")).toHaveLength(2);
  const real = await send(identity, lines, undefined, "?dry_run=false");
  expect(real.outcomes.map(({ outcome }) => outcome)).toEqual(dry.outcomes.map(({ outcome }) => outcome));
  const after = await send(identity, lines, undefined, "?dry_run=true");
  expect(after.outcomes[0]).toEqual({ line: 1, outcome: "unchanged", id: real.outcomes[0]?.id ?? "" });
});

test("an address that its former owner may take back is taken", async () => {
  await using identity = await testIdentity();
  const token = await identity.superuser();
  const { user } = await identity.person("ada");
  const later = new Date(Date.now() + 3_600_000).toISOString();
  await identity.db.write([
    sql`insert into tickets (id, purpose, user_id, hash, email, email_key, created_at, expires_at)
      values ('t', 'email_undo', ${user.id}, 'h', 'old@example.com', 'old@example.com', ${later}, ${later})`,
  ]);
  for (const query of ["?dry_run=true", ""]) {
    const { outcomes } = await send(identity, [{ email: "OLD@example.com" }], token, query);
    expect(short(outcomes)).toEqual([[1, "refused", "email_taken"]]);
  }
});

describe("refused as a whole", () => {
  test("401 and 403: for superusers alone", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    expect((await send(identity, [{ email: "x@example.com" }], token)).status).toBe(403);
    expect((await send(identity, [{ email: "x@example.com" }], "nothing")).status).toBe(401);
    expect(await identity.events("user.registered")).toHaveLength(2);
  });

  test("413 past 16 MiB, 415 for other media types", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const big = await send(
      identity,
      [`{"email":"x@example.com","full_name":"${"x".repeat(16 * 1024 * 1024)}"}`],
      token,
    );
    expect(big.status).toBe(413);
    const json = await identity.call("POST", "/auth/users/import", { token, body: { email: "x@example.com" } });
    expect(json.status).toBe(415);
  });
});

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
  const both = await Promise.all([send(identity, lines, token), send(identity, lines, token)]);
  const outcomes = both.flatMap((answer) => answer.outcomes);
  expect(outcomes.filter(({ outcome }) => outcome === "created")).toHaveLength(300);
  expect(outcomes.filter(({ outcome }) => outcome === "unchanged")).toHaveLength(300);
  expect(await identity.events("user.registered")).toHaveLength(301);
});

test("a registration that gets between is not overrun: the line is told so", async () => {
  await using identity = await testIdentity();
  const lines = Array.from({ length: 200 }, (_, i) => ({ email: `person${i}@example.com`, username: `person${i}` }));
  const [{ outcomes }] = await Promise.all([
    send(identity, lines),
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
  const broken = await send(identity, lines, token);
  expect(broken.outcomes.slice(0, 100).every(({ outcome }) => outcome === "created")).toBe(true);
  expect(broken.outcomes.slice(100)).toMatchObject([
    { line: 101, outcome: "failed", id: null, error: { error_code: "internal_error" } },
  ]);
  expect(broken.text).not.toContain("secret words");
  const again = await send(identity, lines, token);
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

test("lines come whole out of any chunks, with any ends, and an endless one costs no memory", async () => {
  const text = "\uFEFFfirst ä\r\nsecond\n\nlast €";
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 3, 7, 1_000]) {
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
    }
    const lines = await Array.fromAsync(linesIn(chunks()));
    expect(lines.map((line) => line.trim().replace("\uFEFF", ""))).toEqual(["first ä", "second", "", "last €"]);
  }
  async function* endless() {
    const chunk = new Uint8Array(65_536).fill(120);
    for (let i = 0; i < 100; i++) yield chunk;
  }
  const [line] = await Array.fromAsync(linesIn(endless()));
  expect(line?.length).toBeLessThanOrEqual(65_536);
});
