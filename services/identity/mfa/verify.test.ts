import { describe, expect, test } from "bun:test";
import { openDatabase, sql } from "@stoa/db";
import { temporaryDatabase } from "@stoa/testing";
import type { Tokens } from "../sessions/schema.ts";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { codeOf, enrolled, mfaToken, STEP_MS } from "../test/mfa.ts";
import { factorBox } from "./factor-box.ts";

interface Verified extends Tokens {
  readonly error_code?: string;
  readonly tries_left?: number;
}

const verify = (identity: TestIdentity, body: object) => identity.call<Verified>("POST", "/auth/mfa/verify", { body });

describe("200", () => {
  test("a right password asks for the second factor, and a code of the app completes the login", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const asked = await identity.call<{ mfa_token: string; expires_in: number; error_code: string }>(
      "POST",
      "/auth/login",
      { body: { email: "ada@example.com", password } },
    );
    expect(asked).toMatchObject({ status: 401, body: { error_code: "mfa_required", expires_in: 300 } });
    expect(asked.headers.get("cache-control")).toBe("no-store");
    expect(await identity.events("session.started")).toHaveLength(1);
    const { mfa_token } = asked.body;
    const { status, body, headers } = await verify(identity, { mfa_token, code: codeOf(identity, ada.secret) });
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(await identity.verify(body.access_token)).toMatchObject({ user_id: ada.id, session_id: body.session_id });
    const [, started] = await identity.events("session.started");
    expect(JSON.parse(String(started?.["data"]))).toMatchObject({ method: "password", second_factor: "totp" });
  });

  test("codes of the steps around now work, with a space too; those further off do not", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    identity.clock.ahead += 10 * STEP_MS;
    const statuses: number[] = [];
    for (const steps of [-2, 2, -1]) {
      const code = codeOf(identity, ada.secret, steps);
      statuses.push((await verify(identity, { mfa_token: await mfaToken(identity, "ada"), code })).status);
    }
    const code = codeOf(identity, ada.secret).replace(/^(...)/, "$1 ");
    statuses.push((await verify(identity, { mfa_token: await mfaToken(identity, "ada"), code })).status);
    expect(statuses).toEqual([401, 401, 200, 200]);
  });

  test("each recovery code works once, however it is typed", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const use = async (recovery_code: string) =>
      (await verify(identity, { mfa_token: await mfaToken(identity, "ada"), recovery_code })).status;
    const [first = "", second = "", third = ""] = ada.recovery_codes;
    expect(await use(first)).toBe(200);
    expect(await use(first)).toBe(401);
    expect(await use(second.toUpperCase().replaceAll("-", " "))).toBe(200);
    expect(await use(third.replaceAll("0", "O").replaceAll("1", "l").replaceAll("-", ""))).toBe(200);
    expect(await identity.db.query(sql`select count(*) as codes from recovery_codes`)).toEqual([{ codes: 7 }]);
  });

  test("any process takes the token", async () => {
    await using stored = await temporaryDatabase("identity");
    await using first = await testIdentity({ stored });
    const ada = await enrolled(first, "ada");
    const second = await testIdentity({ stored: { ...stored, db: await openDatabase(stored.url) } });
    second.clock.ahead = first.clock.ahead;
    const answer = await verify(second, {
      mfa_token: await mfaToken(first, "ada"),
      code: codeOf(first, ada.secret),
    });
    expect(answer.status).toBe(200);
    second.db.close();
  });
});

describe("401", () => {
  test("a code works once, and none of an earlier step after it", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const attempt = async (steps: number) => {
      const mfa_token = await mfaToken(identity, "ada");
      const { status, body } = await verify(identity, { mfa_token, code: codeOf(identity, ada.secret, steps) });
      return [status, body.error_code];
    };
    expect(await attempt(1)).toEqual([200, undefined]);
    expect(await attempt(1)).toEqual([401, "invalid_code"]);
    expect(await attempt(0)).toEqual([401, "invalid_code"]);
    expect(await attempt(-1)).toEqual([401, "invalid_code"]);
  });

  test("the code that confirmed the app does not work for a login", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    identity.clock.ahead -= STEP_MS;
    const code = codeOf(identity, ada.secret);
    expect((await verify(identity, { mfa_token: await mfaToken(identity, "ada"), code })).status).toBe(401);
  });

  test("a token is good for five tries, and says how many are left", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const mfa_token = await mfaToken(identity, "ada");
    for (const left of [4, 3, 2, 1, 0]) {
      const { status, body } = await verify(identity, { mfa_token, code: "000000" });
      expect([status, body.error_code, body.tries_left]).toEqual([401, "invalid_code", left]);
    }
    const { status, body } = await verify(identity, { mfa_token, code: codeOf(identity, ada.secret) });
    expect([status, body.error_code, body.tries_left]).toEqual([401, "invalid_code", 0]);
    const another = { mfa_token: await mfaToken(identity, "ada"), code: codeOf(identity, ada.secret) };
    expect((await verify(identity, another)).status).toBe(200);
  });

  test("a token without tries left says so, also while codes are throttled", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const spent = await mfaToken(identity, "ada");
    for (const mfa_token of [spent, await mfaToken(identity, "ada")]) {
      for (let tries = 0; tries < 5; tries++) await verify(identity, { mfa_token, code: "000000" });
    }
    const answer = async (mfa_token: string) => {
      const { status, body } = await verify(identity, { mfa_token, code: codeOf(identity, ada.secret) });
      return [status, body.error_code];
    };
    expect(await answer(spent)).toEqual([401, "invalid_code"]);
    expect(await answer(await mfaToken(identity, "ada"))).toEqual([429, "login_throttled"]);
  });

  test("a token that is unknown, used, older than five minutes, or from before a new password is refused", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const attempt = async (mfa_token: string) => {
      identity.clock.ahead += STEP_MS;
      const { body } = await verify(identity, { mfa_token, code: codeOf(identity, ada.secret) });
      return body.error_code;
    };
    expect(await attempt("x".repeat(43))).toBe("invalid_code");
    const used = await mfaToken(identity, "ada");
    expect([await attempt(used), await attempt(used)]).toEqual([undefined, "invalid_code"]);
    const old = await mfaToken(identity, "ada");
    identity.clock.ahead += 301_000;
    expect(await attempt(old)).toBe("invalid_code");
    const before = await mfaToken(identity, "ada");
    const changed = await identity.call("PUT", "/auth/me/password", {
      token: ada.token,
      body: { current_password: password, new_password: "an umbrella in the lighthouse" },
    });
    expect(changed.status).toBe(204);
    expect(await attempt(before)).toBe("invalid_code");
  });

  test("a wrong password does not reveal whether there is a second factor", async () => {
    await using identity = await testIdentity();
    await enrolled(identity, "ada");
    const { status, body } = await identity.call("POST", "/auth/login", { body: { username: "ada", password: "no" } });
    expect([status, body.error_code]).toEqual([401, "invalid_credentials"]);
  });
});

describe("403", () => {
  test("a user disabled between password and code is told so", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const mfa_token = await mfaToken(identity, "ada");
    await identity.call("PUT", `/auth/users/${ada.id}/disable`, { token: await identity.superuser() });
    const { status, body } = await verify(identity, { mfa_token, code: codeOf(identity, ada.secret) });
    expect([status, body.error_code]).toEqual([403, "account_disabled"]);
    const again = await identity.call("POST", "/auth/login", { body: { username: "ada", password } });
    expect(again.body.error_code).toBe("account_disabled");
  });
});

describe("422", () => {
  const bad: Record<string, object> = {
    "no token": { code: "123456" },
    "no code": { mfa_token: "x" },
    "both codes": { mfa_token: "x", code: "123456", recovery_code: "y" },
    "a number": { mfa_token: "x", code: 123456 },
    "an endless code": { mfa_token: "x", code: "1".repeat(33) },
    "an unknown field": { mfa_token: "x", code: "123456", trust: true },
  };
  test.each(Object.entries(bad))("%s", async (_, body) => {
    await using identity = await testIdentity();
    const answer = await verify(identity, body);
    expect([answer.status, answer.body.error_code]).toEqual([422, "validation_failed"]);
  });
});

describe("429", () => {
  test("wrong codes are counted across tokens, and block the user's known device too", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    for (let tries = 0; tries < 10; tries++) {
      await verify(identity, { mfa_token: await mfaToken(identity, "ada"), code: "000000" });
    }
    const mfa_token = await mfaToken(identity, "ada");
    const right = () => verify(identity, { mfa_token, code: codeOf(identity, ada.secret) });
    const { status, body, headers } = await right();
    expect([status, body.error_code, headers.get("retry-after")]).toEqual([429, "login_throttled", "5"]);
    identity.clock.ahead += 5_000;
    expect((await right()).status).toBe(200);
    expect(await identity.events("login.throttled")).toMatchObject([{ aggregate_id: ada.id }]);
  });
});

describe("at once", () => {
  test("one code starts one session, with however many tokens", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const tokens: string[] = [];
    for (let i = 0; i < 4; i++) tokens.push(await mfaToken(identity, "ada"));
    const code = codeOf(identity, ada.secret);
    const answers = await Promise.all([...tokens, ...tokens].map((mfa_token) => verify(identity, { mfa_token, code })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await identity.events("session.started")).toHaveLength(2);
  });

  test("one recovery code starts one session", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const tokens = [await mfaToken(identity, "ada"), await mfaToken(identity, "ada"), await mfaToken(identity, "ada")];
    const recovery_code = ada.recovery_codes[4];
    const answers = await Promise.all(tokens.map((mfa_token) => verify(identity, { mfa_token, recovery_code })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401]);
  });

  test("of a hundred tries with one token in two processes, five are judged", async () => {
    await using stored = await temporaryDatabase("identity");
    await using first = await testIdentity({ stored });
    await enrolled(first, "ada");
    const second = await testIdentity({ stored: { ...stored, db: await openDatabase(stored.url) } });
    second.clock.ahead = first.clock.ahead;
    const mfa_token = await mfaToken(first, "ada");
    await Promise.all(
      Array.from({ length: 100 }, (_, i) => verify(i % 2 ? first : second, { mfa_token, code: "000000" })),
    );
    const judged = await first.db.query(sql`select count(*) as tries from login_attempts where kind = 'code'`);
    expect(judged).toEqual([{ tries: 5 }]);
    second.db.close();
  });
});

test("a secret still opens after a new SECRET_KEY while the old one is known, and is sealed anew when it is used", async () => {
  await using identity = await testIdentity();
  const ada = await enrolled(identity, "ada");
  const old = "a secret that only tests know of";
  const present = "another secret that only tests know of";
  const rotated: TestIdentity = identity;
  Object.assign(rotated.deps, { secretBox: factorBox([present, old]) });
  const sealed = async () => String((await identity.db.query(sql`select secret from totp_factors`))[0]?.["secret"]);
  const before = await sealed();
  const body = { code: codeOf(identity, ada.secret) };
  // The app keeps the deps that it was made with, so the use case is called directly.
  const { secondProof, selectFactor } = await import("./prove.ts");
  const [factor] = await identity.db.query(selectFactor(sql`${ada.id}`));
  if (!factor) throw new Error("There is a factor.");
  const proof = await secondProof(rotated.deps, factor, body);
  if (!proof) throw new Error("The code is right.");
  await identity.db.write(proof.unused.effects?.(sql`1`, "") ?? []);
  expect(await sealed()).not.toBe(before);
  expect((await factorBox([present]).open(ada.id, await sealed())).text).toBe(ada.secret);
  await expect(factorBox([present]).open(ada.id, before)).rejects.toThrow("SECRET_KEY_PREVIOUS");
  await expect(factorBox([present]).open("someone else", await sealed())).rejects.toThrow("SECRET_KEY");
});
