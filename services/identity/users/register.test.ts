import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { password, root, testIdentity } from "../test/harness.ts";
import type { User } from "./schema.ts";

const email = "ada@example.com";

describe("201", () => {
  test.each(["/auth/register", "/auth/signup"])(
    "%s adds a user, shown without a trace of the password",
    async (path) => {
      await using identity = await testIdentity();
      const body = { email: "Ada.Lovelace@Example.com", password, username: "Ada", full_name: " Ada Lovelace " };
      const answer = await identity.call<User>("POST", path, { body });
      expect(answer.status).toBe(201);
      expect(answer.headers.get("location")).toBe(`/api/v1/auth/users/${answer.body.id}`);
      expect(answer.headers.get("etag")).toBe('"1"');
      expect(answer.body).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        username: "ada",
        email: "Ada.Lovelace@Example.com",
        email_verified: false,
        pending_email: null,
        full_name: "Ada Lovelace",
        bio: null,
        is_active: true,
        is_superuser: false,
        roles: [],
        mfa_enabled: false,
        last_login_at: null,
        version: 1,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        updated_at: answer.body.created_at,
      });
      const [, event] = await identity.events("user.registered");
      expect(JSON.parse(String(event?.["data"]))).toEqual({
        user_id: answer.body.id,
        username: "ada",
        full_name: "Ada Lovelace",
        is_superuser: false,
        roles: [],
        source: "self",
      });
      const [row] = await identity.db.query(sql`select * from users where id = ${answer.body.id}`);
      expect(JSON.stringify(row)).not.toContain(password);
    },
  );

  test.each([
    "a\u0001@example.com",
    "a\u007f@example.com",
    "a@exam\u009bple.com",
    "a\r\nb@example.com",
    "a,b@example.com",
  ])("422 for the address %j, which no header of a mail should hold", async (email) => {
    await using identity = await testIdentity();
    const answer = await identity.call("POST", "/auth/register", { body: { email, password } });
    expect(answer.body).toMatchObject({ status: 422, errors: [{ path: "/email" }] });
  });

  test("a username is made from the e-mail, and another when that is taken", async () => {
    await using identity = await testIdentity();
    const register = async (address: string) =>
      (await identity.call<User>("POST", "/auth/register", { body: { email: address, password } })).body.username;
    expect(await register("Ada.Lovelace+stoa@example.com")).toBe("ada.lovelace-stoa");
    expect(await register("ada.lovelace+stoa@example.org")).toMatch(/^ada\.lovelace-stoa-\d{4}$/);
    expect(await register("zoë@example.com")).toBe("zoe");
    expect(await register("ab@example.com")).toMatch(/^ab-\d{4}$/);
    expect(await register("李明@example.com")).toMatch(/^user-\d{4}$/);
    expect(await register(`${"a".repeat(64)}@example.com`)).toBe("a".repeat(40));
  });

  test("name is taken for full_name", async () => {
    await using identity = await testIdentity();
    const { body } = await identity.call<User>("POST", "/auth/register", { body: { email, password, name: "Ada" } });
    expect(body.full_name).toBe("Ada");
  });

  test("an Idempotency-Key is ignored when the request is anonymous, heeded when it is not", async () => {
    await using identity = await testIdentity();
    const headers = { "idempotency-key": "k" };
    const anonymous = { body: { email, password }, headers };
    expect((await identity.call("POST", "/auth/register", anonymous)).status).toBe(201);
    expect((await identity.call("POST", "/auth/register", anonymous)).status).toBe(409);
    const known = { body: { email: "grace@example.com", password }, headers, token: await identity.superuser() };
    const answers = await Promise.all([1, 2, 3].map(() => identity.call<User>("POST", "/auth/register", known)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });
});

describe("409", () => {
  test("an e-mail or a username that exists, in any case", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    const code = async (body: object) =>
      (await identity.call("POST", "/auth/register", { body: { password, ...body } })).body.error_code;
    expect(await code({ email: "ADA@Example.COM", username: "other" })).toBe("email_taken");
    expect(await code({ email: "other@example.com", username: "ADA" })).toBe("username_taken");
    expect(await identity.events("user.registered")).toHaveLength(2);
  });

  test("of many registrations of one e-mail at once, one gets it", async () => {
    await using identity = await testIdentity();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        identity.call("POST", "/auth/register", { body: { email: i % 2 ? email : email.toUpperCase(), password } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
    expect(new Set(answers.map(({ body }) => body.error_code ?? "none"))).toEqual(new Set(["none", "email_taken"]));
    expect(await identity.events("user.registered")).toHaveLength(2);
  });

  test("of 20 at once whose e-mails suggest one username, all are added, each with a username of their own", async () => {
    await using identity = await testIdentity();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        identity.call<User>("POST", "/auth/register", { body: { email: `info@${i}.example.com`, password } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(20).fill(201));
    expect(new Set(answers.map(({ body }) => body.username)).size).toBe(20);
  });

  test("of many registrations of one username at once, one gets it", async () => {
    await using identity = await testIdentity();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        identity.call("POST", "/auth/register", { body: { email: `ada${i}@example.com`, username: "ada", password } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.error_code ?? "none"))).toEqual(new Set(["none", "username_taken"]));
  });
});

describe("422", () => {
  const bad: Record<string, readonly [object, string]> = {
    "no e-mail": [{ password }, "/email"],
    "no password": [{ email }, "/password"],
    "an e-mail that is none": [{ email: "ada", password }, "/email"],
    "an e-mail with two @": [{ email: "a@b@example.com", password }, "/email"],
    "an e-mail too long": [{ email: `${"a".repeat(250)}@b.de`, password }, "/email"],
    "a username too short": [{ email, password, username: "ad" }, "/username"],
    "a username with a space": [{ email, password, username: "ada l" }, "/username"],
    "a username that begins with a dot": [{ email, password, username: ".ada" }, "/username"],
    "a username in another script": [{ email, password, username: "аda" }, "/username"],
    "an empty name": [{ email, password, full_name: " " }, "/full_name"],
    "a name too long": [{ email, password, full_name: "x".repeat(256) }, "/full_name"],
    "a right of its own": [{ email, password, is_superuser: true }, "/is_superuser"],
    "a NUL": [{ email, password, full_name: "A\0" }, "/full_name"],
  };
  test.each(Object.entries(bad))("%s, named", async (_name, [body, path]) => {
    await using identity = await testIdentity();
    const answer = await identity.call("POST", "/auth/register", { body });
    expect([answer.status, answer.body.error_code]).toEqual([422, "validation_failed"]);
    expect(answer.body.errors?.map((error) => error.path)).toContain(path);
  });

  const weak: Record<string, readonly [string, RegExp]> = {
    "too short": ["s7!nö", /at least 10 characters; it has 5/],
    "too short in characters, long in bytes": ["🦩🦩🦩🦩🦩", /at least 10 characters; it has 5/],
    "too long": ["heron weir ".repeat(12), /at most 128 characters; it has 132/],
    "far too long": ["heron weir ".repeat(200), /at most 128 characters; it has 2200/],
    common: ["password123", /common|most used/],
    "a row of keys": ["qwertyuiop", /most used|row of keys|common/],
    repeated: ["aaaaaaaaaaaaaaa", /repeats one character/],
    "the username": ["lovelace1815", /e-mail, username or name|easy to guess/],
  };
  test.each(Object.entries(weak))("weak_password when %s, saying what is missing", async (_, [secret, message]) => {
    await using identity = await testIdentity();
    const { status, body } = await identity.call("POST", "/auth/register", {
      body: { email, username: "lovelace1815", password: secret },
    });
    expect([status, body.error_code]).toEqual([422, "weak_password"]);
    expect(body.errors).toMatchObject([{ path: "/password", message: expect.stringMatching(message) }]);
    expect(body.detail).toMatch(message);
    expect(JSON.stringify(body)).not.toContain(`"${secret}"`);
  });
});

test("501 where passwords cannot be hashed", async () => {
  await using identity = await testIdentity({ passwords: null });
  expect((await identity.call("POST", "/auth/register", { body: { email, password } })).status).toBe(501);
});

describe("the first superuser", () => {
  test("is there from the start, once, with an event like everyone", async () => {
    await using identity = await testIdentity();
    const { prepareIdentity } = await import("../prepare.ts");
    expect(await prepareIdentity(identity.deps, { email: "another@example.com" })).toEqual({});
    const events = await identity.events("user.registered");
    expect(events.map(({ data }) => JSON.parse(String(data)))).toMatchObject([
      { is_superuser: true, source: "first_superuser", username: "root" },
    ]);
    expect(await identity.verify(await identity.superuser())).toMatchObject({ is_superuser: true });
  });

  test("gets a generated password that works, told once", async () => {
    await using identity = await testIdentity();
    const { ensureFirstSuperuser } = await import("./first-superuser.ts");
    await identity.db.write([sql`delete from users`]);
    const generated = await ensureFirstSuperuser(identity.deps, { email: root.email });
    expect(generated).toMatch(/^([a-z2-9]{6}-){3}[a-z2-9]{6}$/);
    expect(await identity.login(root.email, generated)).toBeDefined();
    expect(await ensureFirstSuperuser(identity.deps, { email: root.email })).toBeUndefined();
    expect(identity.logged.join("\n")).not.toContain(generated ?? "");
  });

  test("of two processes that start at once, one adds it", async () => {
    await using identity = await testIdentity();
    const { ensureFirstSuperuser } = await import("./first-superuser.ts");
    await identity.db.write([sql`delete from users`]);
    const told = await Promise.all([1, 2, 3].map(() => ensureFirstSuperuser(identity.deps, { email: root.email })));
    expect(told.filter((secret) => secret !== undefined)).toHaveLength(1);
    expect(await identity.db.query(sql`select 1 from users`)).toHaveLength(1);
  });

  test("with a weak password stops the start with one line that names the variable", async () => {
    await using identity = await testIdentity();
    const { ensureFirstSuperuser } = await import("./first-superuser.ts");
    await identity.db.write([sql`delete from users`]);
    await expect(ensureFirstSuperuser(identity.deps, { email: root.email, password: "admin" })).rejects.toThrow(
      "FIRST_SUPERUSER_PASSWORD is refused.",
    );
  });
});
