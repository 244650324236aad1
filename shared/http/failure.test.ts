import { describe, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { controller, type HttpDeps, operation } from "./index.ts";
import { failingRoutes, secretWord } from "./test/failing.ts";
import { harness } from "./test/harness.ts";

const { call, lines } = harness(failingRoutes, { rate_limit_scale: 0 });

describe("failures are problem+json", () => {
  test("with all members of RFC 9457 and Stoa's own", async () => {
    const answer = await call("GET", "/throw/rule?", { headers: { "x-request-id": "req-1" } });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.json).toEqual({
      type: "/docs/errors#last_owner",
      title: "Last owner",
      status: 409,
      detail: "The last active owner cannot leave or lose the role; make someone else owner first.",
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
      .get(
        "/ok",
        ({ cause }) => cause,
        operation({ id: "test.sayTheCause", access: "anyone", summary: "Say the cause" }),
      )
      .handle(new Request("http://stoa.test/ok"));
    expect(response.status).toBe(500);
  });
});
