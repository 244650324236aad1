import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { decodeJwt } from "jose";
import { Secret, TOTP } from "otpauth";
import { testIdentity } from "../test/harness.ts";
import { codeOf, enrolled } from "../test/mfa.ts";
import { qrSvg } from "./qr-svg.ts";
import type { Enrolment, NewRecoveryCodes } from "./schema.ts";

const ELEVEN_MINUTES = 11 * 60_000;

describe("200", () => {
  test("beginning shows a secret, a URL that says the same, and a picture of it", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const { status, body, headers } = await identity.call<Enrolment>("POST", "/auth/mfa/totp", { token });
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(Secret.fromBase32(body.secret).bytes).toHaveLength(20);
    const url = new URL(body.otpauth_url);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      issuer: "Stoa",
      secret: body.secret,
      algorithm: "SHA1",
      digits: "6",
      period: "30",
    });
    expect(decodeURIComponent(url.pathname)).toEndWith("Stoa:ada@example.com");
    expect(body.qr_svg).toBe(qrSvg(body.otpauth_url));
    expect(body.qr_svg).toMatch(/^<svg xmlns="[^"]+" viewBox="0 0 \d+ \d+"[^>]*><path fill="#fff"[^>]*\/><path d="M/);
  });

  test("nothing changes until a code confirms it; then the user has a second factor and ten codes", async () => {
    await using identity = await testIdentity();
    const { token, user } = await identity.person("ada");
    const me = async () =>
      (await identity.call<{ mfa_enabled: boolean; version: number }>("GET", "/auth/me", { token })).body;
    const { body } = await identity.call<Enrolment>("POST", "/auth/mfa/totp", { token });
    expect(await me()).toMatchObject({ mfa_enabled: false, version: 1 });
    await identity.login("ada");
    const confirmed = await identity.call<NewRecoveryCodes>("POST", "/auth/mfa/totp/confirm", {
      token,
      body: { code: codeOf(identity, body.secret) },
    });
    expect([confirmed.status, confirmed.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(new Set(confirmed.body.recovery_codes).size).toBe(10);
    for (const code of confirmed.body.recovery_codes)
      expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
    expect(await me()).toMatchObject({ mfa_enabled: true, version: 2 });
    expect(await identity.events("mfa.enabled")).toMatchObject([
      { aggregate_id: user.id, actor_id: user.id, data: JSON.stringify({ user_id: user.id, factor: "totp" }) },
    ]);
  });

  test("beginning again makes another secret, and the first no longer works", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const begin = async () => (await identity.call<Enrolment>("POST", "/auth/mfa/totp", { token })).body.secret;
    const [first, second] = [await begin(), await begin()];
    const confirm = async (secret: string) =>
      (await identity.call("POST", "/auth/mfa/totp/confirm", { token, body: { code: codeOf(identity, secret) } }))
        .status;
    expect([await confirm(first), await confirm(second)]).toEqual([401, 200]);
  });

  test("new recovery codes replace the old ones", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const { status, body } = await identity.call<NewRecoveryCodes>("POST", "/auth/mfa/recovery-codes", {
      token: ada.token,
    });
    expect([status, body.recovery_codes.length]).toEqual([200, 10]);
    const reauthenticate = async (recovery_code: string | undefined) =>
      (await identity.call("POST", "/auth/reauthenticate", { token: ada.token, body: { recovery_code } })).status;
    expect(await reauthenticate(ada.recovery_codes[0])).toBe(401);
    expect(await reauthenticate(body.recovery_codes[0])).toBe(200);
    expect(await identity.events("mfa.recovery_codes_renewed")).toMatchObject([{ aggregate_id: ada.id }]);
  });

  test("a password needs eight characters with a second factor, ten without", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const { token } = await identity.person("grace");
    const change = (bearer: string) =>
      identity.call("PUT", "/auth/me/password", {
        token: bearer,
        body: { current_password: "seven herons by the weir", new_password: "k4#Vq9!z" },
      });
    expect((await change(ada.token)).status).toBe(204);
    expect(await change(token)).toMatchObject({ status: 422, body: { error_code: "weak_password" } });
  });
});

describe("204", () => {
  test("after it is removed the password is enough again, also for logins that have begun", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    expect((await identity.call("DELETE", "/auth/mfa/totp", { token: ada.token })).status).toBe(204);
    await identity.login("ada");
    expect(await identity.events("mfa.disabled")).toMatchObject([{ aggregate_id: ada.id }]);
    const [left] = await identity.db.query(sql`select (select count(*) from totp_factors) as factors,
      (select count(*) from recovery_codes) as codes, (select count(*) from mfa_challenges) as challenges`);
    expect(left).toEqual({ factors: 0, codes: 0, challenges: 0 });
  });
});

describe("401", () => {
  test("every route of the second factor is 401 without a token", async () => {
    await using identity = await testIdentity();
    for (const [method, path] of [
      ["POST", "/auth/mfa/totp"],
      ["POST", "/auth/mfa/totp/confirm"],
      ["DELETE", "/auth/mfa/totp"],
      ["POST", "/auth/mfa/recovery-codes"],
    ] as const) {
      expect([path, (await identity.call(method, path)).body.error_code]).toEqual([path, "unauthorized"]);
    }
  });

  test("a wrong code confirms nothing", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const { body } = await identity.call<Enrolment>("POST", "/auth/mfa/totp", { token });
    for (const code of ["abcdef", "12345", codeOf(identity, body.secret, -2), codeOf(identity, body.secret, 2)]) {
      const answer = await identity.call("POST", "/auth/mfa/totp/confirm", { token, body: { code } });
      expect([code, answer.status, answer.body.error_code]).toEqual([code, 401, "invalid_code"]);
    }
    await identity.login("ada");
  });
});

describe("403", () => {
  test("enrolling, removing and new codes need a proof within ten minutes, which reauthenticating gives", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const { token: plain } = await identity.person("grace");
    identity.clock.ahead += ELEVEN_MINUTES;
    for (const [method, path, token] of [
      ["POST", "/auth/mfa/totp", plain],
      ["DELETE", "/auth/mfa/totp", ada.token],
      ["POST", "/auth/mfa/recovery-codes", ada.token],
    ] as const) {
      const { status, body } = await identity.call(method, path, { token });
      expect([path, status, body.error_code]).toEqual([path, 403, "step_up_required"]);
    }
    const code = codeOf(identity, ada.secret);
    const { body } = await identity.call<{ access_token: string }>("POST", "/auth/reauthenticate", {
      token: ada.token,
      body: { code },
    });
    expect(decodeJwt(body.access_token)["auth_time"]).toBeWithin(
      Math.floor(identity.deps.now().getTime() / 1_000) - 5,
      Math.floor(identity.deps.now().getTime() / 1_000) + 1,
    );
    expect((await identity.call("DELETE", "/auth/mfa/totp", { token: body.access_token })).status).toBe(204);
  });
});

describe("409", () => {
  test("a second app is refused, and without an app nothing is confirmed, renewed or removed", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const { token } = await identity.person("grace");
    const codes = [
      identity.call("POST", "/auth/mfa/totp", { token: ada.token }),
      identity.call("POST", "/auth/mfa/totp/confirm", { token: ada.token, body: { code: "123456" } }),
      identity.call("POST", "/auth/mfa/totp/confirm", { token, body: { code: "123456" } }),
      identity.call("POST", "/auth/mfa/recovery-codes", { token }),
      identity.call("DELETE", "/auth/mfa/totp", { token }),
      identity.call("POST", "/auth/reauthenticate", { token, body: { code: "123456" } }),
    ];
    expect((await Promise.all(codes)).map(({ status, body }) => [status, body.error_code])).toEqual([
      [409, "mfa_already_enabled"],
      [409, "mfa_already_enabled"],
      [409, "mfa_not_enabled"],
      [409, "mfa_not_enabled"],
      [409, "mfa_not_enabled"],
      [409, "mfa_not_enabled"],
    ]);
  });
});

test("429: guesses are limited when confirming an app, too", async () => {
  await using identity = await testIdentity();
  const { token } = await identity.person("ada");
  const { body } = await identity.call<Enrolment>("POST", "/auth/mfa/totp", { token });
  const confirm = async (code: string) =>
    (await identity.call("POST", "/auth/mfa/totp/confirm", { token, body: { code } })).status;
  for (let tries = 0; tries < 10; tries++) expect(await confirm("abcdef")).toBe(401);
  expect(await confirm(codeOf(identity, body.secret))).toBe(429);
  identity.clock.ahead += 5_000;
  expect(await confirm(codeOf(identity, body.secret))).toBe(200);
});

test("of twenty confirmations at once with one code, one succeeds", async () => {
  await using identity = await testIdentity();
  const { token } = await identity.person("ada");
  const { body } = await identity.call<Enrolment>("POST", "/auth/mfa/totp", { token });
  const code = codeOf(identity, body.secret);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => identity.call("POST", "/auth/mfa/totp/confirm", { token, body: { code } })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await identity.events("mfa.enabled")).toHaveLength(1);
  expect(await identity.db.query(sql`select count(*) as codes from recovery_codes`)).toEqual([{ codes: 10 }]);
});

test("neither the secret nor a recovery code can be read in the database, the journal or the log", async () => {
  await using identity = await testIdentity();
  const ada = await enrolled(identity, "ada");
  const rows = await identity.db.queryAll([
    sql`select * from totp_factors`,
    sql`select * from recovery_codes`,
    sql`select * from journal`,
  ]);
  const kept = JSON.stringify([rows, identity.logged]);
  expect(rows[0]).toHaveLength(1);
  for (const secret of [ada.secret, ...ada.recovery_codes, ...ada.recovery_codes.map((c) => c.replaceAll("-", ""))]) {
    expect(kept).not.toContain(secret);
  }
});

test("the app's codes are those of RFC 6238", () => {
  const secret = Secret.fromUTF8("12345678901234567890");
  const at = (seconds: number) => new TOTP({ secret, digits: 8 }).generate({ timestamp: seconds * 1_000 });
  expect([at(59), at(1_111_111_109), at(20_000_000_000)]).toEqual(["94287082", "07081804", "65353130"]);
});
