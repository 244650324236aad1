import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { bunPasswords } from "../passwords-bun.ts";
import { password, testIdentity } from "../test/harness.ts";
import { bcrypt, NDJSON, sendLines, short } from "../test/importing.ts";

describe("200", () => {
  test("users come with hashes, names and roles, each line answered, and log in with what they knew", async () => {
    await using identity = await testIdentity({ passwords: bunPasswords() });
    const token = await identity.superuser();
    await identity.call("POST", "/auth/roles", { token, body: { name: "auditor" } });
    const { status, headers, outcomes } = await sendLines(
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
    const { outcomes } = await sendLines(identity, [{ email: "ada@example.com" }, { email: "grace@example.com" }]);
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
    const first = await sendLines(identity, lines.slice(0, 120));
    const again = await sendLines(identity, lines);
    expect(again.outcomes.map(({ outcome }) => outcome)).toEqual([
      ...Array<"unchanged">(120).fill("unchanged"),
      ...Array<"created">(130).fill("created"),
    ]);
    expect(again.outcomes.slice(0, 120).map(({ id }) => id)).toEqual(first.outcomes.map(({ id }) => id));
    expect((await identity.events("user.registered")).length).toBe(251);
    expect((await sendLines(identity, [{ email: "PERSON.7@example.com", full_name: "Other" }])).outcomes).toMatchObject(
      [{ outcome: "unchanged", id: first.outcomes[7]?.id ?? "" }],
    );
  });

  test("a line that cannot be taken is refused with its reason, and the others go on", async () => {
    await using identity = await testIdentity();
    await identity.register("taken");
    const { outcomes } = await sendLines(identity, [
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
      { email: "y@example.com", full_name: `a${"\u0316\u0301".repeat(20_000)}` },
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
      [15, "refused", "validation_failed"],
    ]);
    // Normalizing it would take a while.
    expect(outcomes[14]?.error?.errors).toEqual(
      expect.arrayContaining([
        { path: "/full_name", message: "Text must not have more than 30 combining marks in a row." },
      ]),
    );
    expect(outcomes[7]?.error?.detail).toBe("bcrypt costs from 4 to 16 are taken, not 17.");
    expect(outcomes[9]?.error?.errors).toMatchObject([{ path: "/password" }]);
    const said = JSON.stringify(outcomes);
    for (const secret of ["5f4dcc3b5aa765d61d8327deb882cf99", "in the clear"]) expect(said).not.toContain(secret);
  });

  test("usernames are made where none are given, also of addresses that are alike", async () => {
    await using identity = await testIdentity();
    const { outcomes } = await sendLines(identity, [
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
  const dry = await sendLines(identity, lines, undefined, "?dry_run=true");
  expect(dry.outcomes.map(({ outcome, id, error }) => [outcome, id, error?.error_code])).toEqual([
    ["created", null, undefined],
    ["unchanged", null, undefined],
    ["refused", null, "email_taken"],
    ["created", null, undefined],
    ["unchanged", null, undefined],
    ["refused", null, "validation_failed"],
  ]);
  expect(await identity.events("user.registered")).toHaveLength(2);
  const real = await sendLines(identity, lines, undefined, "?dry_run=false");
  expect(real.outcomes.map(({ outcome }) => outcome)).toEqual(dry.outcomes.map(({ outcome }) => outcome));
  const after = await sendLines(identity, lines, undefined, "?dry_run=true");
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
    const { outcomes } = await sendLines(identity, [{ email: "OLD@example.com" }], token, query);
    expect(short(outcomes)).toEqual([[1, "refused", "email_taken"]]);
  }
});

describe("refused as a whole", () => {
  test("401 and 403: for superusers alone", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    expect((await sendLines(identity, [{ email: "x@example.com" }], token)).status).toBe(403);
    expect((await sendLines(identity, [{ email: "x@example.com" }], "nothing")).status).toBe(401);
    expect(await identity.events("user.registered")).toHaveLength(2);
  });

  test("413 past 16 MiB, 415 for other media types", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const big = await sendLines(
      identity,
      [`{"email":"x@example.com","full_name":"${"x".repeat(16 * 1024 * 1024)}"}`],
      token,
    );
    expect(big.status).toBe(413);
    const json = await identity.call("POST", "/auth/users/import", { token, body: { email: "x@example.com" } });
    expect(json.status).toBe(415);
  });
});
