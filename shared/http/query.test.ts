import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import {
  controller,
  type HttpDeps,
  Id,
  listQuery,
  operation,
  QueryBoolean,
  QueryInteger,
  QueryList,
  QueryOneOf,
  QueryText,
  QueryUsers,
  Text,
  Time,
} from "./index.ts";
import { harness } from "./test/harness.ts";

const Query = Type.Object({
  limit: QueryInteger({ minimum: 1, maximum: 100, default: 50 }),
  count: QueryBoolean(),
  q: QueryText({ max: 10 }),
  sort: QueryOneOf(["name", "-name"]),
  user_ids: Type.Optional(Type.Array(Id(), { maxItems: 2 })),
  labels: QueryList(Text({ max: 10 })),
  owners: QueryUsers({ description: "Theirs." }),
  since: Type.Optional(Time()),
  ratio: Type.Optional(Type.Number({ minimum: 0 })),
});

const routes = (http: HttpDeps) => [
  controller(http)
    .get(
      "/found",
      ({ query }) => query,
      operation({ id: "test.find", access: "anyone", summary: "Find", query: Query }),
    )
    .get("/plain", ({ query }) => query, operation({ id: "test.plain", access: "anyone", summary: "Plain" }))
    .get(
      "/needy",
      ({ query }) => query,
      operation({
        id: "test.needy",
        access: "anyone",
        summary: "Needy",
        query: Type.Object({ after: Type.Integer() }),
      }),
    )
    .get(
      "/list",
      ({ query }) => query,
      operation({ id: "test.list", access: "anyone", summary: "List", query: listQuery({ q: QueryText({ max: 5 }) }) }),
    ),
];
const { call } = harness(routes, { rate_limit_scale: 0 });
const id = "019a0000-0000-7000-8000-000000000000";

describe("a query is taken as its schema says", () => {
  const taken: readonly [string, unknown][] = [
    ["", { limit: 50 }],
    ["limit=7", { limit: 7 }],
    ["limit=007", { limit: 7 }],
    ["count=true&limit=1", { count: true, limit: 1 }],
    ["count=false", { count: false, limit: 50 }],
    ["q=a+b%20c", { q: "a b c", limit: 50 }],
    ["q=%20e%CC%81%20", { q: "é", limit: 50 }],
    ["q=a%26b%3Dc", { q: "a&b=c", limit: 50 }],
    ["q=a=b", { q: "a=b", limit: 50 }],
    ["q=123", { q: "123", limit: 50 }],
    ["sort=-name", { sort: "-name", limit: 50 }],
    [`user_ids=${id},${id}`, { user_ids: [id, id], limit: 50 }],
    ["user_ids=", { user_ids: [], limit: 50 }],
    ["labels=a", { labels: ["a"], limit: 50 }],
    ["labels=a,%20b%2Cc", { labels: ["a", "b", "c"], limit: 50 }],
    ["labels=e%CC%81,b", { labels: ["é", "b"], limit: 50 }],
    ['labels="a,%20b",c', { labels: ["a, b", "c"], limit: 50 }],
    ['labels="say%20""a"""', { labels: ['say "a"'], limit: 50 }],
    ['labels=5"%20pipe,"a"b,"c', { labels: ['5" pipe', '"a"b', '"c'], limit: 50 }],
    [`owners=me,none,${id}`, { owners: ["me", "none", id], limit: 50 }],
    ["since=2026-11-20T10:00:00%2B01:00", { since: "2026-11-20T09:00:00.000Z", limit: 50 }],
    ["since=2026-11-20T10:00:00+01:00", { since: "2026-11-20T09:00:00.000Z", limit: 50 }],
    ["ratio=0.5", { ratio: 0.5, limit: 50 }],
    ["&limit=2&", { limit: 2 }],
  ];
  for (const [search, query] of taken) {
    test(`?${search}`, async () => {
      const answer = await call("GET", `/found?${search}`);
      expect([answer.status, answer.json]).toEqual([200, query]);
    });
  }
  test("lists take limit, cursor, skip and count by the same rules", async () => {
    expect((await call("GET", "/list?limit=3&skip=2&count=true")).json).toEqual({ limit: 3, skip: 2, count: true });
    for (const bad of [
      "limit=0",
      "limit=101",
      "limit=0x10",
      "limit=1e1",
      "limit=-1",
      "skip=10001",
      "count=1",
      "cursor=",
    ]) {
      expect((await call("GET", `/list?${bad}`)).code).toBe("validation_failed");
    }
  });
});

describe("anything else is refused and named", () => {
  const refused: readonly [string, Record<string, string>][] = [
    ["limit=0", { "/query/limit": "This must be at least 1." }],
    ["limit=101", { "/query/limit": "This must be at most 100." }],
    ["limit=-5", { "/query/limit": "This must be at least 1." }],
    ...["0x10", "1e1", "%205", "5%20", "1.0", "", "NaN", "Infinity", "1_0", "+1", "٣", "99999999999999999999"].map(
      (value): [string, Record<string, string>] => [
        `limit=${value}`,
        { "/query/limit": "This must be a whole number." },
      ],
    ),
    ["limit", { "/query/limit": "This must be a whole number." }],
    ["limit=1&limit=1", { "/query/limit": "This parameter is given twice." }],
    ["count=1", { "/query/count": "This must be true or false." }],
    ["count=true%20", { "/query/count": "This must be true or false." }],
    ["count=TRUE", { "/query/count": "This must be true or false." }],
    ["color=red", { "/query/color": "This parameter is not known here." }],
    ["__proto__=1", { "/query/__proto__": "This parameter is not known here." }],
    ["constructor=1", { "/query/constructor": "This parameter is not known here." }],
    ["=1", { "/query/": "This parameter is not known here." }],
    ["q=", { "/query/q": "This must have 1 to 10 characters." }],
    ["q=12345678901", { "/query/q": "This must have 1 to 10 characters." }],
    ["q=%zz", { "/query/q": "This is not percent-encoded UTF-8." }],
    ["q=%ff", { "/query/q": "This is not percent-encoded UTF-8." }],
    ["q=%ED%A0%80", { "/query/q": "This is not percent-encoded UTF-8." }],
    ["%zz=1", { "/query/": "This parameter's name is not percent-encoded UTF-8." }],
    ["q=a%00", { "/query/q": "Text must not contain NUL characters." }],
    ["sort=age", { "/query/sort": "This must be one of name, -name." }],
    ["user_ids=x", { "/query/user_ids/0": "This must be an id (a UUID)." }],
    [`user_ids=${id},${id},${id}`, { "/query/user_ids": "This must have at most 2 items." }],
    ["labels=", { "/query/labels": "This must have at least 1 item." }],
    ["labels=a,", { "/query/labels/1": "This must have 1 to 10 characters." }],
    [
      "labels=a,%00",
      { "/query/labels": "Text must not contain NUL characters.", "/query/labels/1": expect.any(String) },
    ],
    ["owners=you", { "/query/owners/0": "This must be an id (a UUID), me or none." }],
    ["since=2026-11-20", { "/query/since": "This must be a time as RFC 3339 has it: 2026-11-20T09:00:00Z." }],
    ["ratio=1e1", { "/query/ratio": "This must be a number." }],
    [
      "limit=0&color=1",
      { "/query/limit": "This must be at least 1.", "/query/color": "This parameter is not known here." },
    ],
  ];
  for (const [search, errors] of refused) {
    test(`?${search}`, async () => {
      const answer = await call("GET", `/found?${search}`);
      expect([answer.status, answer.code]).toEqual([422, "validation_failed"]);
      expect(answer.errors).toEqual(errors);
    });
  }
  test("a route without a query takes none", async () => {
    expect((await call("GET", "/plain")).json).toEqual({});
    expect((await call("GET", "/plain?")).status).toBe(200);
    expect((await call("GET", "/plain?x=1")).errors).toEqual({ "/query/x": "This parameter is not known here." });
  });
  test("a required parameter that is missing is named", async () => {
    expect((await call("GET", "/needy")).errors).toEqual({ "/query/after": "This field is required." });
    expect((await call("GET", "/needy?after=-3")).json).toEqual({ after: -3 });
  });
});
