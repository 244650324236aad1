import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { StoaError } from "@stoa/errors";
import {
  controller,
  type HttpDeps,
  Nullable,
  OneOf,
  operation,
  Patch,
  QueryOneOf,
  Text,
  withDefault,
} from "./index.ts";
import { olderHeader } from "./older.ts";
import { harness } from "./test/harness.ts";

const Status = OneOf(["pending", "in_progress"]);
const Item = Type.Object({ title: Text({ max: 10 }), status: Type.Optional(Nullable(Status)) });
/** As a union, the way that events have names of values. */
const Urgency = withDefault(Type.Union([Type.Literal("low"), Type.Literal("very_high")]), "low");

const routes = (http: HttpDeps) => [
  controller(http, "/api/v1/items")
    .get(
      "",
      ({ query }) => query,
      operation({
        id: "items.list",
        access: "anyone",
        summary: "List",
        query: Type.Object({ status: QueryOneOf(["pending", "in_progress"]) }),
      }),
    )
    .post(
      "",
      ({ body, older }) => ({ body, older }),
      operation({ id: "items.create", access: "user", summary: "Create", body: Item, status: 201, maxBytes: 100 }),
    )
    .patch(
      "",
      ({ body }) => body,
      operation({ id: "items.update", access: "anyone", summary: "Change", body: Patch({ urgency: Urgency }, Item) }),
    )
    .put(
      "/switch",
      ({ body }) => ({ sent: body ?? "nothing" }),
      operation({
        id: "items.switch",
        access: "anyone",
        summary: "Switch",
        body: Patch({ title: Text({ max: 10 }) }, Item),
        olderWithoutBody: true,
      }),
    )
    .post(
      "/fail",
      () => {
        throw new StoaError("mfa_required", { members: { mfa_token: "t" } });
      },
      operation({ id: "items.fail", access: "anyone", summary: "Fail", errors: [] }),
    )
    .post(
      "/away",
      () => {
        throw new StoaError("unavailable", { headers: { "retry-after": "1" } });
      },
      operation({ id: "items.away", access: "anyone", summary: "Be away" }),
    ),
];

const { call } = harness(routes, {}, [
  { path: "/items", to: "/api/v1/items", message: "It is made." },
  { path: "/fail", to: "/api/v1/items/fail", message: "It is made." },
  { path: "/away", to: "/api/v1/items/away", message: "It is made." },
]);

describe("a path with an envelope", () => {
  test.each(["/items", "/items/"])(
    "%s answers as its old clients read it, with the status and headers of today",
    async (path) => {
      const { status, json, headers } = await call("POST", path, { as: "bob", json: { title: "x" } });
      expect([status, json]).toEqual([
        201,
        { success: true, message: "It is made.", data: { body: { title: "x" }, older: true }, error: null },
      ]);
      expect(headers.get("content-type")).toBe("application/json");
      expect(headers.get("x-request-id")).toMatch(/./);
    },
  );

  test.each([
    ["without a token", "/items", { json: { title: "x" } }, 401, "UNAUTHORIZED"],
    [
      "with JSON that is none",
      "/items",
      { as: "bob", raw: "{", headers: { "content-type": "application/json" } },
      400,
      "MALFORMED_JSON",
    ],
    ["with too much", "/items", { as: "bob", json: { title: "x".repeat(200) } }, 413, "PAYLOAD_TOO_LARGE"],
    ["when the database is away", "/away", {}, 503, "UNAVAILABLE"],
  ] as const)("says errors with a code in capitals, %s", async (_, path, options, status, error_code) => {
    const answer = await call("POST", path, options);
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ error: true, error_code, message: expect.stringMatching(/\.$/), data: null });
  });

  test("takes names of values in any case", async () => {
    const made = await call("POST", "/items", { as: "bob", json: { title: "x", status: "In Progress" } });
    expect([made.status, made.json.data.body]).toEqual([201, { title: "x", status: "in_progress" }]);
  });

  test("keeps what a code has of its own, and the fields at fault, in data", async () => {
    const failed = await call("POST", "/fail");
    expect([failed.status, failed.json.error_code, failed.json.data]).toEqual([
      401,
      "MFA_REQUIRED",
      { mfa_token: "t" },
    ]);
    const invalid = await call("POST", "/items", { as: "bob", json: { title: 1 } });
    expect([invalid.status, invalid.json.data]).toEqual([
      422,
      { errors: [{ path: "/title", message: expect.any(String) }] },
    ]);
  });

  test("answers another method, a preflight and HEAD as every path does", async () => {
    const { status, json, headers } = await call("DELETE", "/items");
    expect([status, json.error_code, headers.get("allow")]).toEqual([
      405,
      "METHOD_NOT_ALLOWED",
      "GET, HEAD, OPTIONS, PATCH, POST, PUT",
    ]);
    const preflight = await call("OPTIONS", "/items", {
      headers: { origin: "https://app.example.com", "access-control-request-method": "POST" },
    });
    expect([preflight.status, preflight.text]).toEqual([204, ""]);
    const head = await call("HEAD", "/items");
    expect([head.status, head.text]).toEqual([200, ""]);
  });

  test("is today's under today's path", async () => {
    expect((await call("POST", "/api/v1/items", { as: "bob", json: { title: "x" } })).json).toEqual({
      body: { title: "x" },
      older: false,
    });
    expect((await call("POST", "/api/v1/items")).code).toBe("unauthorized");
  });
});

describe("a request by a path of older clients", () => {
  const headers = { [olderHeader]: "1" };

  test.each(["Pending", "PENDING", "In Progress", "in-progress"])("may write %s", async (status) => {
    const word = status.toLowerCase().replace(/[ -]/, "_");
    const made = await call("POST", "/api/v1/items", { as: "bob", headers, json: { title: "Pending", status } });
    expect([made.status, made.json]).toEqual([201, { body: { title: "Pending", status: word }, older: true }]);
    const listed = await call("GET", `/api/v1/items?status=${encodeURIComponent(status)}`, { headers });
    expect([listed.status, listed.json]).toEqual([200, { status: word }]);
    expect((await call("POST", "/api/v1/items", { as: "bob", json: { title: "x", status } })).status).toBe(422);
    expect((await call("GET", `/api/v1/items?status=${encodeURIComponent(status)}`)).status).toBe(422);
  });

  test("may write names in any case in a patch too, where null clears", async () => {
    for (const [urgency, read] of [
      ["Very High", "very_high"],
      [null, null],
    ]) {
      const changed = await call("PATCH", "/api/v1/items", { headers, json: { urgency } });
      expect([changed.status, changed.json]).toEqual([200, { urgency: read }]);
    }
    expect((await call("PATCH", "/api/v1/items", { json: { urgency: "Low" } })).status).toBe(422);
  });

  test("may leave out a body where the operation says so, and nowhere else", async () => {
    expect((await call("PUT", "/api/v1/items/switch", { headers })).json).toEqual({ sent: "nothing" });
    expect((await call("PUT", "/api/v1/items/switch")).code).toBe("malformed_json");
    expect((await call("POST", "/api/v1/items", { as: "bob", headers })).code).toBe("malformed_json");
  });
});
