import { describe, expect, test } from "bun:test";
import { failingRoutes, secretWord } from "./test/failing.ts";
import { harness } from "./test/harness.ts";

const { call, lines } = harness(failingRoutes, { rate_limit_scale: 0 });

describe("every answer", () => {
  test("carries the security headers, whatever its status", async () => {
    for (const path of ["/ok", "/nothing", "/throw/error", "/stream", "/health"]) {
      const { headers } = await call("GET", path);
      expect(headers.get("content-security-policy")).toContain("default-src 'self'");
      expect(headers.get("content-security-policy")).not.toContain("unsafe-inline");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.has("strict-transport-security")).toBe(false);
    }
  });
  test("has HSTS in production", async () => {
    const answer = await harness(failingRoutes, { environment: "production" }).call("GET", "/ok");
    expect(answer.headers.get("strict-transport-security")).toStartWith("max-age=31536000");
  });
  test("has the policy of its mode", async () => {
    expect(
      (await harness(failingRoutes, { csp_mode: "relaxed" }).call("GET", "/ok")).headers.get("content-security-policy"),
    ).toContain("'unsafe-inline'");
    expect(
      (await harness(failingRoutes, { csp_mode: "disabled" }).call("GET", "/ok")).headers.has(
        "content-security-policy",
      ),
    ).toBe(false);
  });
  test("echoes a request id or makes one", async () => {
    expect((await call("GET", "/ok", { headers: { "x-request-id": "abc" } })).headers.get("x-request-id")).toBe("abc");
    expect((await call("GET", "/nothing")).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
  test("is never cached when it carries a token", async () => {
    expect((await call("POST", "/token", { json: { password: "x" } })).headers.get("cache-control")).toBe("no-store");
    expect((await call("GET", "/ok")).headers.has("cache-control")).toBe(false);
  });
  test("may say 200 where 201 is usual, and is checked all the same", async () => {
    expect((await call("GET", "/created")).status).toBe(200);
  });
});

describe("log lines", () => {
  test("one a request, with the pattern and no part of the query, the token or the body", async () => {
    lines.length = 0;
    await call("POST", "/token", { as: "ann", json: { password: secretWord } });
    await call("GET", `/nothing?ticket=${secretWord}`, { as: secretWord });
    await call("GET", `/throw/rule?ticket=${secretWord}`);
    expect(
      lines.map(({ fields }) => [
        fields["method"],
        fields["route"],
        fields["status"],
        fields["error_code"],
        fields["user_id"],
      ]),
    ).toEqual([
      ["POST", "/token", 200, undefined, "user-ann"],
      ["GET", undefined, 404, "not_found", undefined],
      ["GET", "/throw/:what", 422, "validation_failed", undefined],
    ]);
    expect(lines[0]?.fields).toMatchObject({
      session_id: "session-ann",
      ms: expect.any(Number),
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(JSON.stringify(lines)).not.toContain(secretWord);
  });
});

describe("CORS", () => {
  const origin = "https://app.example.com";
  const ask = { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" };

  test("a named origin may read answers, failures too", async () => {
    for (const path of ["/ok", "/nothing", "/throw/error"]) {
      const { headers } = await call("GET", path, { headers: { origin } });
      expect(headers.get("access-control-allow-origin")).toBe(origin);
      expect(headers.get("access-control-expose-headers")).toContain("ETag, Location, X-Request-Id, RateLimit");
      expect(headers.get("vary")).toContain("Origin");
    }
  });
  test("a preflight is answered without a token", async () => {
    const answer = await call("OPTIONS", "/token", { headers: ask });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-methods")).toContain("POST");
    expect(answer.headers.get("access-control-allow-headers")).toContain("Authorization");
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
  });
  test("another origin gets nothing of it", async () => {
    for (const other of [
      "https://evil.example",
      "https://app.example.com.evil.example",
      "null",
      "http://app.example.com",
    ]) {
      const answer = await call("OPTIONS", "/token", { headers: { ...ask, origin: other } });
      expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      expect(
        (await call("GET", "/ok", { headers: { origin: other } })).headers.has("access-control-allow-origin"),
      ).toBe(false);
    }
  });
});
