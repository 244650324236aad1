import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { roundTrips } from "@stoa/testing";
import { decodeJwt } from "jose";
import type { Passwords } from "../passwords/passwords.ts";
import { password, quickPasswords, type TestIdentity, testIdentity } from "../test/harness.ts";
import { codeOf, enrolled } from "../test/mfa.ts";
import type { Tokens } from "./schema.ts";

interface Answer extends Tokens {
  readonly error_code?: string;
}

const prove = (identity: TestIdentity, token: string, body: object) =>
  identity.call<Answer>("POST", "/auth/reauthenticate", { token, body });

describe("200", () => {
  test("password, code or recovery code give tokens of the same session with a fresh auth_time, and leave an event", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const { user, token, tokens } = await identity.person("grace");
    const grace = { id: user.id, token, session_id: tokens.session_id };
    const proofs = [
      () => [grace, { password }] as const,
      () => [ada, { code: codeOf(identity, ada.secret) }] as const,
      () => [ada, { recovery_code: ada.recovery_codes[0] }] as const,
    ];
    let before = 0;
    for (const proof of proofs) {
      identity.clock.ahead += 60_000;
      const [who, sent] = proof();
      const { status, body, headers } = await prove(identity, who.token, sent);
      expect([status, body.session_id, headers.get("cache-control")]).toEqual([200, who.session_id, "no-store"]);
      const auth_time = Number(decodeJwt(body.access_token)["auth_time"]);
      expect(auth_time - before).toBeGreaterThanOrEqual(59);
      before = auth_time;
    }
    const events = await identity.events("session.reauthenticated");
    expect(events.map(({ data }) => JSON.parse(String(data)).method)).toEqual(["password", "totp", "recovery_code"]);
    expect(events[0]).toMatchObject({ aggregate_id: grace.id, actor_id: grace.id, entity_id: grace.session_id });
    expect(events[1]).toMatchObject({ aggregate_id: ada.id, actor_id: ada.id, entity_id: ada.session_id });
  });
});

test("a proof counts for the earlier tokens of its session too, for ten minutes, and costs those alone one read", async () => {
  await using identity = await testIdentity();
  const ada = await identity.person("ada");
  const elsewhere = await identity.login("ada");
  const begin = async (token: string) => {
    let answer: readonly [number, string | undefined] = [0, ""];
    const trips = await roundTrips(identity.db, async () => {
      const { status, body } = await identity.call<{ error_code?: string }>("POST", "/auth/mfa/totp", { token });
      answer = [status, body.error_code];
    });
    return [...answer, trips];
  };
  identity.clock.ahead += 601_000;
  for (const { access_token } of [ada.tokens, elsewhere])
    await identity.call("GET", "/auth/me", { token: access_token });
  const refused = await begin(ada.token);
  expect(refused).toEqual([403, "step_up_required", 1]);
  const { body: fresh } = await prove(identity, ada.token, { password });
  expect(await begin(fresh.access_token)).toEqual([200, undefined, 2]);
  expect(await begin(ada.token)).toEqual([200, undefined, 3]);
  expect(await begin(elsewhere.access_token)).toEqual(refused);
  await identity.db.write([sql`update sessions set ended_at = created_at where id = ${ada.tokens.session_id}`]);
  expect(await begin(ada.token)).toEqual(refused);
});

describe("401", () => {
  test("a wrong or used code proves nothing, whatever it was used for", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const code = codeOf(identity, ada.secret);
    const [recovery_code] = ada.recovery_codes;
    expect((await prove(identity, ada.token, { code })).status).toBe(200);
    expect((await prove(identity, ada.token, { recovery_code })).status).toBe(200);
    for (const body of [{ code }, { recovery_code }, { code: "000000" }, { recovery_code: "0000-0000-0000-0000" }]) {
      const answer = await prove(identity, ada.token, body);
      expect([answer.status, answer.body.error_code]).toEqual([401, "invalid_code"]);
    }
  });

  test("of ten requests at once with one code, one succeeds", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const code = codeOf(identity, ada.secret);
    const answers = await Promise.all(Array.from({ length: 10 }, () => prove(identity, ada.token, { code })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("a session that ends meanwhile stays ended", async () => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    await using identity = await testIdentity({ passwords: interrupted(() => meanwhile) });
    const { token, tokens } = await identity.person("ada");
    meanwhile = () =>
      identity.db.write([sql`update sessions set ended_at = created_at where id = ${tokens.session_id}`]);
    const { status, body } = await prove(identity, token, { password });
    expect([status, body.error_code]).toEqual([401, "session_revoked"]);
  });
});

describe("403", () => {
  test("a wrong password, and one that another request changes meanwhile", async () => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    await using identity = await testIdentity({ passwords: interrupted(() => meanwhile) });
    const { token } = await identity.person("ada");
    expect((await prove(identity, token, { password: "wrong" })).body.error_code).toBe("wrong_password");
    meanwhile = () => identity.db.write([sql`update users set password_hash = 'another' where username = 'ada'`]);
    expect((await prove(identity, token, { password })).body.error_code).toBe("wrong_password");
    expect(await identity.events("session.reauthenticated")).toEqual([]);
  });
});

describe("422", () => {
  test.each([[{}], [{ password, code: "123456" }], [{ password, code: "123456", recovery_code: "x" }]])(
    "%j: exactly one proof",
    async (body) => {
      await using identity = await testIdentity();
      const { token } = await identity.person("ada");
      const answer = await prove(identity, token, body);
      expect([answer.status, answer.body.error_code]).toEqual([422, "validation_failed"]);
    },
  );
});

/** Passwords between whose verification and what follows something else happens. */
function interrupted(by: () => (() => Promise<unknown>) | undefined): Passwords {
  const quick = quickPasswords();
  return {
    ...quick,
    verify: async (text, hash) => {
      const right = await quick.verify(text, hash);
      await by()?.();
      return right;
    },
  };
}
