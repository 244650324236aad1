import { describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { operationOf } from "@stoa/http/operation";
import { createApp } from "../app.ts";
import { password, root, testIdentity } from "./harness.ts";

await using listed = await testIdentity();
const routes = createApp(listed.deps).routes.flatMap(({ method, path, hooks }) => {
  const operation = operationOf(hooks);
  return operation ? [{ method, path, operation }] : [];
});

const named = (limit: string) =>
  routes
    .filter(({ operation }) => operation.limit === limit)
    .map(({ method, path }) => `${method} ${path.replace("/api/v1", "")}`)
    .sort();

test("routes that take a password or a code count as logins, routes that mail count as mails", () => {
  expect(named("registration")).toEqual(["POST /auth/register", "POST /auth/signup"]);
  expect(named("mail")).toEqual([
    "POST /auth/email/verification",
    "POST /auth/password/forgot",
    "POST /organizations/:id/invitations",
    "POST /organizations/:id/invitations/:invitation_id/resend",
  ]);
  expect(named("login")).toEqual([
    "DELETE /auth/me",
    "DELETE /auth/mfa/totp",
    "DELETE /users/me",
    "POST /auth/login",
    "POST /auth/login/external",
    "POST /auth/mfa/recovery-codes",
    "POST /auth/mfa/totp",
    "POST /auth/mfa/totp/confirm",
    "POST /auth/mfa/verify",
    "POST /auth/password/reset",
    "POST /auth/reauthenticate",
    "POST /user/login",
    "PUT /auth/me/password",
  ]);
});

test("only the published keys and health have no limit", () => {
  expect(named("none")).toEqual([
    "GET /.well-known/jwks.json",
    "GET /.well-known/openid-configuration",
    "GET /health",
    "GET /health/db",
    "GET /health/live",
    "GET /health/ready",
  ]);
});

test("an answer with a secret is never cached", () => {
  const open = routes.filter(({ operation }) => {
    const fields = JSON.stringify(operation.answer ?? {});
    return /"(access_token|refresh_token|mfa_token|secret|recovery_codes)":/.test(fields) && !operation.secret;
  });
  expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});

test("every answer says how many requests are left, refused or not, with or without a token", async () => {
  await using identity = await testIdentity({ limits: true });
  for (const { method, path, operation } of routes) {
    if (operation.limit === "none") continue;
    const at = path.replace("/api/v1", "").replaceAll(/:\w+/g, newId());
    const { headers } = await identity.call(method, at, { headers: { "x-forwarded-for": "192.0.2.9" } });
    const limit = operation.limit ?? "address";
    const said = [method, path, headers.get("ratelimit"), headers.get("ratelimit-policy")];
    expect(said).toEqual([
      method,
      path,
      expect.stringMatching(new RegExp(`^"(${limit}|address)";r=\\d+;t=\\d+$`)),
      expect.stringMatching(new RegExp(`^"(${limit}|address)";q=\\d+;w=60$`)),
    ] as never);
  }
});

describe("429", () => {
  test("logins of every kind share one allowance, and the answer says when to try again", async () => {
    await using identity = await testIdentity({ limits: true });
    const statuses: number[] = [];
    for (let times = 0; times < 30; times++) {
      const by = { body: { username: root.email, password: root.password } };
      statuses.push((await identity.call("POST", "/auth/login", by)).status);
      const at = { body: { token: "x".repeat(43), new_password: password } };
      statuses.push((await identity.call("POST", "/auth/password/reset", at)).status);
    }
    expect(new Set(statuses)).toEqual(new Set([200, 422]));
    const refused = await identity.call("POST", "/auth/mfa/verify", { body: { mfa_token: "x", code: "123456" } });
    expect([refused.status, refused.body.error_code]).toEqual([429, "rate_limited"]);
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(Number(refused.headers.get("retry-after"))).toBeWithin(1, 61);
    expect(refused.headers.get("ratelimit")).toMatch(/^"login";r=0;t=\d+$/);
    expect(refused.headers.get("ratelimit-policy")).toBe('"login";q=60;w=60');
    identity.clock.ahead += 61_000;
    expect(await identity.superuser()).toBeString();
  });

  test("a user has an allowance of their own, whatever others at their address do", async () => {
    await using identity = await testIdentity({ limits: true });
    const { token } = await identity.person("ada");
    let last = 0;
    for (let times = 0; times <= 300; times++) last = (await identity.call("GET", "/auth/me")).status;
    expect(last).toBe(429);
    const { status, headers } = await identity.call("GET", "/auth/me", { token });
    expect([status, headers.get("ratelimit-policy")]).toEqual([200, '"user";q=600;w=60']);
  });

  test("ten mails a minute may be asked for", async () => {
    await using identity = await testIdentity({ limits: true });
    const statuses: number[] = [];
    for (let times = 0; times <= 10; times++) {
      statuses.push(
        (await identity.call("POST", "/auth/password/forgot", { body: { email: "x@example.com" } })).status,
      );
    }
    expect(statuses).toEqual([...Array<number>(10).fill(202), 429]);
  });
});
