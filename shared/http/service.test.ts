import { describe, expect, test } from "bun:test";
import { createClient } from "@libsql/client";
import { Type } from "@sinclair/typebox";
import { DatabaseError } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { drizzle } from "drizzle-orm/libsql";
import { Elysia } from "elysia";
import { controller, type HttpDeps, operation, Text } from "./index.ts";
import { harness } from "./test/harness.ts";

const anyone = { access: "anyone", summary: "A route" } as const;
const secretWord = "hunter2";

const routes = (http: HttpDeps) => [
  controller(http)
    .get("/ok", () => ({ ok: true }), operation({ ...anyone, answer: Type.Object({ ok: Type.Boolean() }) }))
    .post(
      "/token",
      () => ({ token: "t" }),
      operation({ ...anyone, secret: true, body: Type.Object({ password: Text({ max: 99, verbatim: true }) }) }),
    )
    .get(
      "/extra",
      () => ({ ok: true, password: secretWord }) as { ok: boolean },
      operation({ ...anyone, answer: Type.Object({ ok: Type.Boolean() }) }),
    )
    .get(
      "/nested",
      () => ({ items: [{ id: "1", more: secretWord } as { id: string }] }),
      operation({ ...anyone, answer: Type.Object({ items: Type.Array(Type.Object({ id: Type.String() })) }) }),
    )
    .get(
      "/throw/:what",
      ({ params, set }) => {
        set.headers["etag"] = '"1"';
        return thrown(params.what);
      },
      operation({ ...anyone }),
    )
    .get(
      "/later",
      async () => {
        await Promise.resolve();
        throw new StoaError("version_conflict", { members: { current: { id: 1 } }, headers: { "x-more": "1" } });
      },
      operation(anyone),
    )
    .get(
      "/stream",
      () =>
        new Response(new ReadableStream({ start: (c) => c.close() }), {
          headers: { "content-type": "text/event-stream" },
        }),
      operation(anyone),
    )
    .get(
      "/created",
      ({ set }) => {
        set.status = 200;
        return { ok: true };
      },
      operation({ ...anyone, status: 201, answer: Type.Object({ ok: Type.Boolean() }) }),
    ),
];

async function thrown(what: string): Promise<never> {
  switch (what) {
    case "error":
      throw new Error(`secret ${secretWord}`);
    case "text":
      throw secretWord;
    case "null":
      // biome-ignore lint/style/useThrowOnlyError: whatever is thrown must become a problem.
      throw null;
    case "full":
      throw new DatabaseError("unavailable", new Error(secretWord));
    case "unknown_outcome":
      throw new DatabaseError("unknown_outcome", new Error(secretWord));
    case "constraint":
      throw new DatabaseError("constraint", new Error(secretWord), "users.email");
    case "driver":
      throw Object.assign(new Error("SQLITE_BUSY: database is locked"), { name: "LibsqlError", code: "SQLITE_BUSY" });
    case "drizzle":
      await drizzle(createClient({ url: "http://127.0.0.1:9" })).run("select 1");
      throw new Error("a database answered that is not there");
    case "busy":
      throw new StoaError("unavailable", { detail: "Too many logins." });
    case "busy_for_long":
      throw new StoaError("unavailable", { headers: { "Retry-After": "30" } });
    default:
      throw new StoaError("last_owner");
  }
}

const { call, lines } = harness(routes, { rate_limit_scale: 0 });

describe("failures are problem+json", () => {
  test("with all members of RFC 9457 and Stoa's own", async () => {
    const answer = await call("GET", "/throw/rule?", { headers: { "x-request-id": "req-1" } });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.json).toEqual({
      type: "/docs/errors#last_owner",
      title: "Last owner",
      status: 409,
      detail: "The last owner cannot leave or lose the role; make someone else owner first.",
      instance: "/throw/rule",
      error_code: "last_owner",
      request_id: "req-1",
    });
  });

  const failures: readonly [what: string, status: number, code: string][] = [
    ["error", 500, "internal_error"],
    ["text", 500, "internal_error"],
    ["null", 500, "internal_error"],
    ["constraint", 500, "internal_error"],
    ["full", 503, "unavailable"],
    ["unknown_outcome", 503, "unavailable"],
    ["driver", 503, "unavailable"],
    ["drizzle", 503, "unavailable"],
    ["busy", 503, "unavailable"],
    ["busy_for_long", 503, "unavailable"],
  ];
  for (const [what, status, code] of failures) {
    test(`${what} is ${status} and says nothing of itself`, async () => {
      const answer = await call("GET", `/throw/${what}`);
      expect([answer.status, answer.code]).toEqual([status, code as never]);
      expect(answer.text).not.toContain(secretWord);
      expect(answer.headers.get("retry-after")).toBe(status === 503 ? (what === "busy_for_long" ? "30" : "1") : null);
    });
  }

  test("the log says what an unknown error was, once", async () => {
    lines.length = 0;
    await call("GET", "/throw/error");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: "error",
      fields: { status: 500, error_code: "internal_error", err: { type: "Error", message: `secret ${secretWord}` } },
    });
  });

  test("what a handler had set before it failed is not answered", async () => {
    expect((await call("GET", "/throw/error")).headers.has("etag")).toBe(false);
  });

  test("members and headers of an error are answered, those of the contract stand", async () => {
    const answer = await call("GET", "/later");
    expect(answer.json).toMatchObject({ status: 412, error_code: "version_conflict", current: { id: 1 } });
    expect(answer.headers.get("x-more")).toBe("1");
  });

  test("an answer with more than its schema is 500, at every depth", async () => {
    for (const path of ["/extra", "/nested"]) {
      const answer = await call("GET", path);
      expect(answer.status).toBe(500);
      expect(answer.text).not.toContain(secretWord);
    }
  });

  test("a route of a plugin that fails is a problem too", async () => {
    const plugin = new Elysia().get("/plugin", () => {
      throw new Error(secretWord);
    });
    const answer = await harness(() => [], { plugins: [plugin] }).call("GET", "/plugin");
    expect([answer.status, answer.code]).toEqual([500, "internal_error"]);
  });

  test("a controller outside a service fails instead of letting anyone in", async () => {
    const http = { service: "x" } as HttpDeps;
    const response = await controller(http)
      .get("/ok", ({ cause }) => cause)
      .handle(new Request("http://stoa.test/ok"));
    expect(response.status).toBe(500);
  });
});

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
    const answer = await harness(routes, { environment: "production" }).call("GET", "/ok");
    expect(answer.headers.get("strict-transport-security")).toStartWith("max-age=31536000");
  });
  test("has the policy of its mode", async () => {
    expect(
      (await harness(routes, { csp_mode: "relaxed" }).call("GET", "/ok")).headers.get("content-security-policy"),
    ).toContain("'unsafe-inline'");
    expect(
      (await harness(routes, { csp_mode: "disabled" }).call("GET", "/ok")).headers.has("content-security-policy"),
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
