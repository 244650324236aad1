import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { CloudflareAdapter } from "elysia/adapter/cloudflare-worker";
import { controller, type HttpDeps, Id, operation, QueryInteger, Text } from "./index.ts";
import { type CallOptions, harness } from "./test/harness.ts";

const id = "019a0000-0000-7000-8000-000000000000";
const Body = Type.Object({ title: Text({ max: 10 }) });
const Params = Type.Object({ id: Id() });

const routes = (http: HttpDeps) => [
  controller(http)
    .get(
      "/api/v1/things",
      ({ query }) => query,
      operation({
        id: "test.list",
        access: "user",
        summary: "List",
        query: Type.Object({ limit: QueryInteger({ minimum: 1 }) }),
      }),
    )
    .post(
      "/api/v1/things",
      ({ body }) => body,
      operation({ id: "test.make", access: "user", summary: "Make", body: Body, status: 201 }),
    )
    .get(
      "/api/v1/things/:id",
      ({ params, actor }) => ({ id: params.id, by: actor.user_id }),
      operation({ id: "test.read", access: "user", summary: "Read", params: Params }),
    )
    .patch(
      "/api/v1/things/:id",
      ({ body }) => body,
      operation({ id: "test.change", access: "user", summary: "Change", params: Params, body: Body }),
    )
    .delete(
      "/api/v1/things/:thing",
      () => undefined,
      operation({ id: "test.delete", access: "user", summary: "Delete", answer: null }),
    )
    .post(
      "/api/v1/things/bulk",
      () => ({ ok: true }),
      operation({ id: "test.changeMany", access: "user", summary: "Change many" }),
    )
    .post(
      "/api/v1/rule",
      ({ body }) => body,
      operation({ id: "test.rule", access: "superuser", summary: "Rule", body: Body }),
    )
    .post(
      "/api/v1/edit",
      () => ({ ok: true }),
      operation({ id: "test.edit", access: "user", role: "editor", summary: "Edit" }),
    )
    .patch(
      "/api/v1/rule",
      ({ body }) => body,
      operation({ id: "test.rulePatch", deprecated: "test.rule", access: "superuser", summary: "Rule", body: Body }),
    )
    .get(
      "/api/v1/me",
      ({ actor }) => ({ name: actor.username }),
      operation({ id: "test.me", access: "anyone", summary: "Me" }),
    )
    .get(
      "/api/v1/who",
      ({ principal, cause }) => ({ name: principal?.username ?? null, cause }),
      operation({ id: "test.who", access: "anyone", summary: "Who" }),
    ),
];

const json = { "content-type": "application/json" };
const big = JSON.stringify({ title: "x".repeat(1024 * 1024) });

/** Each request breaks the rule it is named for and every later one: the first that fails answers. */
const order: readonly [
  promise: string,
  method: string,
  path: string,
  options: CallOptions,
  status: number,
  code: string,
][] = [
  [
    "an unknown path is 404 before its token is looked at",
    "POST",
    "/api/v1/nothing",
    { as: "invalid_token", raw: "{" },
    404,
    "not_found",
  ],
  [
    "a wrong method is 405 before its token is looked at",
    "PUT",
    "/api/v1/things",
    { as: "invalid_token", raw: "{" },
    405,
    "method_not_allowed",
  ],
  ["no token is 401 before the size", "POST", "/api/v1/things", { raw: big }, 401, "unauthorized"],
  ["a bad token is 401 before the size", "POST", "/api/v1/things", { as: "nonsense", raw: big }, 401, "invalid_token"],
  [
    "an expired token is 401 before rights",
    "POST",
    "/api/v1/rule",
    { as: "token_expired", raw: big },
    401,
    "token_expired",
  ],
  [
    "a revoked session is 401 before rights",
    "POST",
    "/api/v1/rule",
    { as: "session_revoked", raw: big },
    401,
    "session_revoked",
  ],
  [
    "a superuser's route is 403 before the size",
    "POST",
    "/api/v1/rule",
    { as: "ann", raw: big, headers: json },
    403,
    "forbidden",
  ],
  ["a superuser's route is 403 before media type", "POST", "/api/v1/rule", { as: "ann", raw: "{" }, 403, "forbidden"],
  [
    "a superuser's route is 403 before JSON",
    "POST",
    "/api/v1/rule",
    { as: "ann", raw: "{", headers: json },
    403,
    "forbidden",
  ],
  ["a role's route is 403 to others", "POST", "/api/v1/edit", { as: "bob" }, 403, "forbidden"],
  [
    "a declared length is 413 before media type",
    "POST",
    "/api/v1/things",
    { as: "ann", raw: "{", headers: { "content-type": "text/plain", "content-length": "2000000" } },
    413,
    "payload_too_large",
  ],
  [
    "media type is 415 before JSON",
    "POST",
    "/api/v1/things",
    { as: "ann", raw: "{", headers: { "content-type": "text/plain" } },
    415,
    "unsupported_media_type",
  ],
  [
    "JSON is 400 before fields",
    "POST",
    "/api/v1/things",
    { as: "ann", raw: '{"x":1', headers: json },
    400,
    "malformed_json",
  ],
  [
    "fields are 422 before an unknown id",
    "PATCH",
    "/api/v1/things/nope",
    { as: "ann", json: { title: "" } },
    422,
    "validation_failed",
  ],
  ["query is 422 before an unknown id", "GET", "/api/v1/things/nope?x=1", { as: "ann" }, 422, "validation_failed"],
  [
    "a malformed id is an unknown id",
    "PATCH",
    "/api/v1/things/nope",
    { as: "ann", json: { title: "a" } },
    404,
    "not_found",
  ],
];

describe("a request is checked in the contract's order", () => {
  const { call } = harness(routes);
  for (const [promise, method, path, options, status, code] of order) {
    test(promise, async () => {
      const answer = await call(method, path, options);
      expect([answer.status, answer.code]).toEqual([status, code as never]);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
    });
  }
});

describe("paths and methods", () => {
  const { call } = harness(routes);

  test("405 names the methods that the path takes", async () => {
    expect((await call("PUT", "/api/v1/things")).headers.get("allow")).toBe("GET, HEAD, OPTIONS, POST");
    expect((await call("POST", `/api/v1/things/${id}`)).headers.get("allow")).toBe(
      "DELETE, GET, HEAD, OPTIONS, PATCH, PUT",
    );
  });

  test("a path without parameters is no id of another one", async () => {
    for (const path of ["/api/v1/things/bulk", "/api/v1/things/bulk/"]) {
      const answer = await call("GET", path);
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "OPTIONS, POST"]);
      expect((await call("OPTIONS", path)).headers.get("allow")).toBe("OPTIONS, POST");
      expect((await call("POST", path, { as: "ann" })).status).toBe(200);
    }
  });

  test("PUT means the same as PATCH", async () => {
    const change = (method: string) => call(method, `/api/v1/things/${id}`, { as: "ann", json: { title: " b " } });
    expect((await change("PUT")).json).toEqual({ title: "b" });
    expect((await change("PATCH")).json).toEqual({ title: "b" });
  });

  test("a PATCH that only doubles another method of its path gets no PUT", async () => {
    const answer = await call("PUT", "/api/v1/rule", { as: "ann", json: { title: "b" } });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "OPTIONS, PATCH, POST"]);
  });

  test("a trailing slash is the same path", async () => {
    expect((await call("GET", "/api/v1/things/", { as: "ann" })).status).toBe(200);
    expect((await call("GET", `/api/v1/things/${id}/`, { as: "ann" })).json.id).toBe(id);
  });

  test("two slashes are another path", async () => {
    expect((await call("GET", "/api/v1/things//", { as: "ann" })).status).toBe(404);
    expect((await call("GET", "/api//v1/things", { as: "ann" })).status).toBe(404);
  });

  test("HEAD works where GET does, with its headers and no body", async () => {
    const answer = await call("HEAD", "/api/v1/things", { as: "ann" });
    expect([answer.status, answer.text]).toEqual([200, ""]);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const { text } = await call("GET", "/api/v1/things", { as: "ann" });
    expect(answer.headers.get("content-length")).toBe(String(text.length));
    expect((await call("HEAD", "/api/v1/things")).status).toBe(401);
    expect((await call("HEAD", "/api/v1/edit", { as: "ann" })).status).toBe(405);
  });

  test("OPTIONS says what a path takes, and 404 for none", async () => {
    const answer = await call("OPTIONS", "/api/v1/things");
    expect([answer.status, answer.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS, POST"]);
    expect((await call("OPTIONS", "/api/v1/nothing")).status).toBe(404);
  });

  for (const bad of ["%zz", "%00", "%ff", "%ed%a0%80", "%", "..%2f", "%E0%A4%A"]) {
    test(`an id of ${bad} is unknown`, async () => {
      expect((await call("GET", `/api/v1/things/${bad}`, { as: "ann" })).code).toBe("not_found");
      expect((await call("DELETE", `/api/v1/things/${bad}`, { as: "ann" })).status).toBe(bad === "..%2f" ? 204 : 404);
    });
  }

  test("delete answers 204 with nothing", async () => {
    const answer = await call("DELETE", `/api/v1/things/${id}`, { as: "ann" });
    expect([answer.status, answer.text]).toEqual([204, ""]);
  });

  test("a short host does not shift the path", async () => {
    const { app } = harness(routes);
    const response: Response = await app.handle(new Request("http://a/api/v1/who"));
    expect(response.status).toBe(200);
  });

  test("https does not shift the path where requests have it, on Workers", async () => {
    const { app } = harness(routes, { adapter: CloudflareAdapter });
    const response: Response = await app.handle(new Request("https://stoa.test/api/v1/who"));
    expect(response.status).toBe(200);
  });
});

describe("authentication", () => {
  const { call } = harness(routes);

  test("401 says how to authenticate", async () => {
    for (const as of [undefined, "nonsense", "token_expired", "session_revoked"]) {
      const answer = await call("GET", "/api/v1/things", as === undefined ? {} : { as });
      expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    }
  });

  for (const header of ["Basic YTpi", "Bearer", "Bearer ", "Bearer a b", "ann", ""]) {
    test(`"${header}" is no token`, async () => {
      expect((await call("GET", "/api/v1/things", { headers: { authorization: header } })).status).toBe(401);
    });
  }

  test("the scheme is read in any case", async () => {
    expect((await call("GET", "/api/v1/things", { headers: { authorization: "bearer ann" } })).status).toBe(200);
  });

  test("a role and a superuser may pass where a role is asked", async () => {
    expect((await call("POST", "/api/v1/edit", { as: "ann" })).status).toBe(200);
    expect((await call("POST", "/api/v1/edit", { as: "root" })).status).toBe(200);
    expect((await call("POST", "/api/v1/rule", { as: "root", json: { title: "a" } })).status).toBe(200);
  });

  test("a route open to anyone takes an old token for none", async () => {
    expect((await call("GET", "/api/v1/who", { as: "token_expired" })).json.name).toBeNull();
    expect((await call("GET", "/api/v1/who", { as: "ann" })).json.name).toBe("ann");
  });

  test("a handler that asks for an actor where there is none answers 401", async () => {
    expect((await call("GET", "/api/v1/me")).code).toBe("unauthorized");
    expect((await call("GET", "/api/v1/me", { as: "ann" })).json).toEqual({ name: "ann" });
  });

  test("a verifier that breaks is a 500, not a pass", async () => {
    const broken = harness(routes, { verify: () => Promise.reject(new Error("keys are gone")) });
    const answer = await broken.call("GET", "/api/v1/who", { as: "ann" });
    expect([answer.status, answer.code]).toEqual([500, "internal_error"]);
    expect(answer.text).not.toContain("keys are gone");
  });

  test("the cause carries user, session, request, trace, address and device", async () => {
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const headers = { "x-request-id": "req-1", traceparent: trace, "user-agent": "x".repeat(300) };
    expect((await call("GET", "/api/v1/who", { as: "ann", headers })).json.cause).toEqual({
      actor_id: "user-ann",
      session_id: "session-ann",
      request_id: "req-1",
      traceparent: trace,
      ip_address: "192.0.2.1",
      device_info: "x".repeat(255),
    });
  });

  test("an anonymous cause has a request, a trace and an address, and no user", async () => {
    const { cause } = (await call("GET", "/api/v1/who")).json;
    expect(cause).toMatchObject({ actor_id: null, session_id: null, ip_address: "192.0.2.1", device_info: null });
    expect(cause.request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(cause.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });
});
