import { describe, expect, test } from "bun:test";
import { olderHeader } from "@stoa/http/older";
import { type TestIdentity, testIdentity } from "../test/harness.ts";

const DAY = 86_400_000;

function renew(identity: TestIdentity, refresh_token: string, method = "PATCH", headers = { [olderHeader]: "1" }) {
  return identity.call<Record<string, unknown>>(method, "/auth/refresh", { body: { refresh_token }, headers });
}

describe("PATCH /auth/refresh of older clients, with LEGACY_REFRESH", () => {
  test("gives an access token alone, as often as asked, until the session ends seven days after its login", async () => {
    await using identity = await testIdentity({ legacy_refresh: true });
    const { tokens, user } = await identity.person("ada");
    for (const day of [0, 3, 6]) {
      identity.clock.ahead = day * DAY;
      const { status, body, headers } = await renew(identity, tokens.refresh_token);
      expect([status, body]).toEqual([
        200,
        { access_token: expect.any(String), token_type: "bearer", expires_in: 900 },
      ]);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(await identity.verify(String(body["access_token"]))).toMatchObject({ user_id: user.id });
    }
    identity.clock.ahead = 7 * DAY;
    const late = await renew(identity, tokens.refresh_token);
    expect([late.status, late.body["error_code"]]).toEqual([401, "refresh_token_expired"]);
  });

  test("is 401 for rubbish, an ended session and a token that another client has rotated, which ends the session", async () => {
    await using identity = await testIdentity({ legacy_refresh: true });
    const { tokens } = await identity.person("ada");
    const codeOf = async (token: string) => (await renew(identity, token)).body["error_code"];
    expect(await codeOf("rubbish")).toBe("invalid_refresh_token");
    const { body } = await renew(identity, tokens.refresh_token, "POST");
    expect(await codeOf(tokens.refresh_token)).toBe("refresh_token_reused");
    expect(await codeOf(String(body["refresh_token"]))).toBe("session_revoked");
    const { tokens: others, token } = await identity.person("eve");
    await identity.call("POST", "/auth/logout", { token });
    expect(await codeOf(others.refresh_token)).toBe("session_revoked");
    const { counter } = identity.deps.refreshTokens.read(others.refresh_token) ?? { counter: 0 };
    expect(await codeOf(identity.deps.refreshTokens.write({ session_id: crypto.randomUUID(), counter }))).toBe(
      "session_revoked",
    );
    const { tokens: third } = await identity.person("joan");
    const ahead = identity.deps.refreshTokens.write({ session_id: third.session_id, counter: counter + 5 });
    expect(await codeOf(ahead)).toBe("invalid_refresh_token");
  });

  test("rotates without the setting, on today's path, and by POST", async () => {
    await using plain = await testIdentity();
    await using legacy = await testIdentity({ legacy_refresh: true });
    for (const [identity, method, headers] of [
      [plain, "PATCH", { [olderHeader]: "1" }],
      [legacy, "PATCH", {}],
      [legacy, "POST", { [olderHeader]: "1" }],
    ] as const) {
      const { tokens } = await identity.person(`p${method}${Object.keys(headers).length}`);
      const { body } = await renew(identity, tokens.refresh_token, method, headers as { [olderHeader]: string });
      expect(body["refresh_token"]).toEqual(expect.any(String));
      expect(body["refresh_token"]).not.toBe(tokens.refresh_token);
    }
  });
});
