import { describe, expect, test } from "bun:test";
import { select, sql } from "@stoa/db";
import { type TestIdentity, testIdentity } from "../test/harness.ts";
import type { Tokens } from "./schema.ts";
import { sessions } from "./table.ts";

const DAY = 86_400_000;
const { created_at, expires_at } = sessions;

function refresh(identity: TestIdentity, refresh_token: string, key?: string, method = "POST") {
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  return identity.call<Tokens & { error_code?: string }>(method, "/auth/refresh", { body: { refresh_token }, headers });
}

async function codeOf(answer: ReturnType<typeof refresh>) {
  const { status, body } = await answer;
  return body.error_code ?? status;
}

describe("the active token", () => {
  test("is replaced, by POST and PATCH alike, and the session goes on", async () => {
    await using identity = await testIdentity();
    const { tokens } = await identity.person("ada");
    const first = await refresh(identity, tokens.refresh_token);
    expect(first.status).toBe(200);
    expect(first.headers.get("cache-control")).toBe("no-store");
    expect(first.body).toMatchObject({ token_type: "bearer", expires_in: 900, session_id: tokens.session_id });
    expect(first.body.refresh_token).not.toBe(tokens.refresh_token);
    const second = await refresh(identity, first.body.refresh_token, undefined, "PATCH");
    expect(second.status).toBe(200);
    expect(await identity.verify(second.body.access_token)).toMatchObject({ session_id: tokens.session_id });
  });

  test("carries what changed since the login", async () => {
    await using identity = await testIdentity();
    const { user, tokens, token } = await identity.person("ada");
    await identity.call("PATCH", "/auth/me", { token, body: { username: "lovelace" } });
    await identity.call("PUT", `/auth/users/${user.id}/superuser`, {
      token: await identity.superuser(),
      body: { is_superuser: true },
    });
    const { body } = await refresh(identity, tokens.refresh_token);
    expect(await identity.verify(body.access_token)).toMatchObject({ username: "lovelace", is_superuser: true });
  });

  test("moves the session's end, to 90 days after it began at most", async () => {
    await using identity = await testIdentity();
    const { tokens } = await identity.person("ada");
    const ends = async () => {
      const [row] = await identity.db.query(
        select({ created_at, expires_at }, sql`from ${sessions} where id = ${tokens.session_id}`),
      );
      return (Date.parse(row?.expires_at ?? "") - Date.parse(row?.created_at ?? "")) / DAY;
    };
    expect(await ends()).toBe(7);
    let token = tokens.refresh_token;
    for (let day = 6; day < 90; day += 6) {
      identity.clock.ahead = day * DAY;
      token = (await refresh(identity, token)).body.refresh_token;
      expect(await ends()).toBeCloseTo(Math.min(day + 7, 90), 3);
    }
    // The last access token does not outlive the session.
    identity.clock.ahead = 90 * DAY - 60_000;
    const { body } = await refresh(identity, token);
    expect(body.expires_in).toBeWithin(50, 61);
    identity.clock.ahead = 90 * DAY;
    expect(await codeOf(refresh(identity, body.refresh_token))).toBe("refresh_token_expired");
  });
});

describe("the token before the active one", () => {
  test("gives the same active token for ten seconds", async () => {
    await using identity = await testIdentity();
    const { tokens } = await identity.person("ada");
    const first = await refresh(identity, tokens.refresh_token);
    identity.clock.ahead = 9_000;
    const again = await refresh(identity, tokens.refresh_token);
    expect(again.body.refresh_token).toBe(first.body.refresh_token);
    expect(await identity.verify(again.body.access_token)).toBeDefined();
    // The repetition does not prolong the ten seconds.
    identity.clock.ahead = 11_000;
    expect(await codeOf(refresh(identity, tokens.refresh_token))).toBe("refresh_token_reused");
  });

  test("gives it with the rotation's Idempotency-Key however late, while it is active", async () => {
    await using identity = await testIdentity();
    const { tokens } = await identity.person("ada");
    const first = await refresh(identity, tokens.refresh_token, "retry-1");
    identity.clock.ahead = 3 * DAY;
    const again = await refresh(identity, tokens.refresh_token, "retry-1");
    expect(again.body.refresh_token).toBe(first.body.refresh_token);
    expect((await refresh(identity, again.body.refresh_token, "retry-2")).status).toBe(200);
    expect(await codeOf(refresh(identity, tokens.refresh_token, "retry-1"))).toBe("refresh_token_reused");
  });

  test("gives nothing with another key", async () => {
    await using identity = await testIdentity();
    const { tokens } = await identity.person("ada");
    await refresh(identity, tokens.refresh_token, "retry-1");
    identity.clock.ahead = 11_000;
    expect(await codeOf(refresh(identity, tokens.refresh_token, "retry-2"))).toBe("refresh_token_reused");
  });
});

describe("an older token", () => {
  test("ends its session and no other, and both events are written together", async () => {
    await using identity = await testIdentity();
    const { user, tokens } = await identity.person("ada");
    const other = await identity.login("ada");
    const first = (await refresh(identity, tokens.refresh_token)).body;
    const second = (await refresh(identity, first.refresh_token)).body;
    expect(await codeOf(refresh(identity, tokens.refresh_token))).toBe("refresh_token_reused");

    expect(await codeOf(refresh(identity, second.refresh_token))).toBe("session_revoked");
    expect((await identity.call("GET", "/auth/me", { token: second.access_token })).body.error_code).toBe(
      "session_revoked",
    );
    expect((await refresh(identity, other.refresh_token)).status).toBe(200);
    const [detected] = await identity.events("session.reuse_detected");
    const [revoked] = await identity.events("session.revoked");
    expect(JSON.parse(String(detected?.["data"]))).toEqual({ user_id: user.id, session_id: tokens.session_id });
    expect(JSON.parse(String(revoked?.["data"]))).toEqual({
      user_id: user.id,
      session_ids: [tokens.session_id],
      reason: "reuse",
    });
    expect(Number(revoked?.["seq"])).toBe(Number(detected?.["seq"]) + 1);
  });

  test("of a session that ended says session_revoked, and writes nothing", async () => {
    await using identity = await testIdentity();
    const { tokens, token } = await identity.person("ada");
    const other = await identity.login("ada");
    await refresh(identity, tokens.refresh_token);
    await identity.call("POST", "/auth/logout", { token });
    identity.clock.ahead = 60_000;
    expect(await codeOf(refresh(identity, tokens.refresh_token))).toBe("session_revoked");
    expect(await identity.events("session.reuse_detected")).toEqual([]);
    expect((await refresh(identity, other.refresh_token)).status).toBe(200);
  });
});

describe("401", () => {
  test("a token that was not refreshed in time has expired, before and after the periodic job", async () => {
    await using identity = await testIdentity();
    const { tokens } = await identity.person("ada");
    identity.clock.ahead = 7 * DAY;
    expect(await codeOf(refresh(identity, tokens.refresh_token))).toBe("refresh_token_expired");
    const { maintain } = await import("../maintenance.ts");
    await maintain(identity.deps);
    expect(await codeOf(refresh(identity, tokens.refresh_token))).toBe("refresh_token_expired");
    expect(await identity.events("session.revoked")).toMatchObject([{ actor_id: null }]);
  });

  test("a disabled user's token says session_revoked", async () => {
    await using identity = await testIdentity();
    const { user, tokens } = await identity.person("ada");
    await identity.call("PUT", `/auth/users/${user.id}/disable`, { token: await identity.superuser() });
    expect(await codeOf(refresh(identity, tokens.refresh_token))).toBe("session_revoked");
  });

  test("a token whose session is long forgotten says session_revoked", async () => {
    await using identity = await testIdentity();
    const { tokens } = await identity.person("ada");
    await identity.db.write([sql`delete from sessions where id = ${tokens.session_id}`]);
    expect(await codeOf(refresh(identity, tokens.refresh_token))).toBe("session_revoked");
  });

  test("a token that identity never made is refused and changes nothing", async () => {
    await using identity = await testIdentity();
    const { tokens, token } = await identity.person("ada");
    const right = tokens.refresh_token;
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const sameBytes = right.slice(0, -1) + alphabet[alphabet.indexOf(right.slice(-1)) + 1];
    const flipped = (at: number) => right.slice(0, at) + (right[at] === "A" ? "B" : "A") + right.slice(at + 1);
    const forged = [
      ...[0, 20, 24, 26, 30, 60, 69].map(flipped),
      sameBytes,
      right.slice(0, -1),
      `${right}A`,
      `${right}==`,
      right.toUpperCase(),
      token,
      "x",
      "é".repeat(70),
      identity.deps.refreshTokens.write({ session_id: tokens.session_id, counter: 5 }),
    ];
    for (const refresh_token of forged) {
      expect(await codeOf(refresh(identity, refresh_token))).toBe("invalid_refresh_token");
    }
    expect((await refresh(identity, right)).status).toBe(200);
  });

  test("a token of another secret is refused; one of the previous secret still works", async () => {
    await using identity = await testIdentity();
    const { refreshTokens } = await import("./refresh-token.ts");
    const named = { session_id: (await identity.person("ada")).tokens.session_id, counter: 0 };
    const [old, foreign] = [await refreshTokens(["the secret before"]), await refreshTokens(["no secret of ours"])];
    const rolled = await refreshTokens(["a new secret", "the secret before"]);
    expect(rolled.read(old.write(named))).toEqual(named);
    expect(rolled.read(foreign.write(named))).toBeUndefined();
    expect(rolled.read(rolled.write(named))).toEqual(named);
    expect(rolled.write(named)).not.toBe(old.write(named));
  });
});

test.each([{}, { refresh_token: 7 }, { refresh_token: "" }, { refresh_token: "x", more: 1 }])(
  "422 for %p",
  async (body) => {
    await using identity = await testIdentity();
    expect((await identity.call("POST", "/auth/refresh", { body })).status).toBe(422);
  },
);

test("of 200 refreshes of one token at once, all get the one active child and nobody is logged out", async () => {
  await using identity = await testIdentity();
  const { tokens } = await identity.person("ada");
  const answers = await Promise.all(Array.from({ length: 200 }, () => refresh(identity, tokens.refresh_token)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const children = new Set(answers.map(({ body }) => body.refresh_token));
  expect(children.size).toBe(1);
  expect((await refresh(identity, [...children][0] ?? "")).status).toBe(200);
  expect(await identity.events("session.revoked")).toEqual([]);
});

test.each(["", "k".repeat(256), "\u00e9"])("422 for the Idempotency-Key %j, which is kept nowhere", async (key) => {
  await using identity = await testIdentity();
  const { tokens } = await identity.person("ada");
  const { refresh_token } = tokens;
  for (const method of ["POST", "PATCH"]) {
    const response = await identity.request("/auth/refresh", {
      method,
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({ refresh_token }),
    });
    expect(response.status).toBe(422);
  }
  expect((await identity.call("POST", "/auth/refresh", { body: { refresh_token } })).status).toBe(200);
});
