import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { controller, type HttpDeps, Id, Nullable, OneOf, operation, Patch, Text, Time } from "./index.ts";
import { type CallOptions, harness } from "./test/harness.ts";

const Thing = Type.Object({
  id: Id(),
  title: Text({ max: 10 }),
  due_at: Nullable(Time()),
  version: Type.Integer(),
  created_at: Type.String(),
  finished_at: Nullable(Type.String()),
});

const NewThing = Type.Object({
  title: Text({ max: 10 }),
  due_at: Type.Optional(Nullable(Time())),
  secret: Type.Optional(Text({ max: 20, verbatim: true })),
  status: Type.Optional(OneOf(["open", "done"])),
  labels: Type.Optional(Type.Array(Text({ max: 5 }), { maxItems: 3, uniqueItems: true })),
  size: Type.Optional(Type.Object({ width: Type.Integer({ minimum: 1, maximum: 9 }) })),
  kind: Type.Optional(Type.Union([Type.Literal("a"), Type.Literal("b")])),
  slug: Type.Optional(Text({ min: 3, max: 9, pattern: "^[a-z]+$", message: "A slug has small letters only." })),
});

const routes = (http: HttpDeps) => [
  controller(http)
    .post(
      "/things",
      ({ body }) => body,
      operation({ access: "anyone", summary: "Make", body: NewThing, answer: undefined, status: 201 }),
    )
    .patch(
      "/things",
      ({ body }) => body,
      operation({
        access: "anyone",
        summary: "Change",
        body: Patch({ title: Text({ max: 10 }), due_at: Nullable(Time()) }, Thing),
        ignored: ["noise"],
      }),
    )
    .put(
      "/things",
      ({ body }) => body,
      operation({ access: "anyone", summary: "Change", body: Patch({ title: Text({ max: 10 }) }, Thing) }),
    )
    .post(
      "/fetched",
      ({ body }) => body,
      operation({ access: "anyone", summary: "Make", body: NewThing, answer: undefined, maxBytes: 16 }),
    )
    .post(
      "/maybe",
      ({ body }) => ({ body: body ?? null }),
      operation({ access: "anyone", summary: "Maybe", body: Type.Optional(Type.Object({ a: Type.Integer() })) }),
    )
    .post(
      "/lines",
      ({ body }) => ({ lines: body.split("\n").length }),
      operation({
        access: "anyone",
        summary: "Lines",
        body: Type.String({ maxLength: 100 }),
        mediaType: "application/x-ndjson",
      }),
    )
    .post("/bare", ({ body }) => ({ body: body ?? null }), operation({ access: "anyone", summary: "Nothing" })),
];

const type = { "content-type": "application/json" };
const { call } = harness(routes, { rate_limit_scale: 0 });
const post = (raw: NonNullable<CallOptions["raw"]>, headers: Record<string, string> = type) =>
  call("POST", "/things", { raw, headers });

describe("media type", () => {
  for (const good of [
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
    "application/json ; x=y",
  ]) {
    test(`${good} is taken`, async () => {
      expect((await post('{"title":"a"}', { "content-type": good })).status).toBe(201);
    });
  }
  for (const bad of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=latin1",
    "application/jsonx",
    "application/merge-patch+json",
  ]) {
    test(`${bad} is 415 on POST`, async () => {
      expect((await post('{"title":"a"}', { "content-type": bad })).code).toBe("unsupported_media_type");
    });
  }
  test("a body without a type is 415", async () => {
    expect((await call("POST", "/things", { raw: new TextEncoder().encode("{}") })).code).toBe(
      "unsupported_media_type",
    );
  });
  test("PATCH and PUT take a merge patch", async () => {
    for (const method of ["PATCH", "PUT"]) {
      const answer = await call(method, "/things", {
        raw: '{"title":"b"}',
        headers: { "content-type": "application/merge-patch+json" },
      });
      expect(answer.json).toEqual({ title: "b" });
    }
  });
  test("an operation with a type of its own gets text", async () => {
    const headers = { "content-type": "application/x-ndjson" };
    expect((await call("POST", "/lines", { raw: "{}\n{}", headers })).json).toEqual({ lines: 2 });
    expect((await call("POST", "/lines", { raw: "{}", headers: type })).code).toBe("unsupported_media_type");
    expect((await call("POST", "/lines", { raw: "x".repeat(101), headers })).code).toBe("validation_failed");
  });
});

describe("size", () => {
  test("2 MiB are 413, counted as they come", async () => {
    expect((await post(`{"title":"${"x".repeat(2 * 1024 * 1024)}"}`)).code).toBe("payload_too_large");
  });
  test("a stream without a length is counted and cut off", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    expect((await post(endless)).code).toBe("payload_too_large");
    expect(sent).toBeLessThan(64);
  });
  test("a length that lies is counted too", async () => {
    const answer = await call("POST", "/fetched", {
      raw: '{"title":"aaaaaaaaaa"}',
      headers: { ...type, "content-length": "5" },
    });
    expect(answer.code).toBe("payload_too_large");
  });
  test("an operation may take less, and the sentence says how much", async () => {
    expect((await call("POST", "/fetched", { raw: '{"title":"aaaaaaaaaa"}', headers: type })).json.detail).toContain(
      "16 bytes",
    );
  });
});

describe("JSON", () => {
  const bad: readonly [string, NonNullable<CallOptions["raw"]>][] = [
    ["nothing", ""],
    ["an open object", '{"title":"a"'],
    ["a trailing comma", '{"title":"a",}'],
    ["two values", '{"title":"a"}{}'],
    ["single quotes", "{'title':'a'}"],
    ["a comment", '{"title":"a"} // x'],
    ["NaN", '{"title":NaN}'],
    ["a byte order mark", '\ufeff{"title":"a"}'],
    ["a bare word", "hello"],
    ["bytes that are not UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["the same name twice", '{"title":"a","title":"b"}'],
    ["the same name twice, escaped", '{"title":"a","t\\u0069tle":"b"}'],
    ["the same name twice, deep down", '{"title":"a","size":{"width":1,"width":2}}'],
    ["100,000 lists", "[".repeat(100_000)],
    ["65 objects in each other", `${'{"a":'.repeat(65)}1${"}".repeat(65)}`],
    ["an unescaped line break in a string", '{"title":"a\nb"}'],
    ["an open string", '{"title":"a\\"'],
  ];
  for (const [name, raw] of bad) {
    test(`${name} is 400`, async () => {
      const answer = await post(raw);
      expect([answer.status, answer.code]).toEqual([400, "malformed_json"]);
    });
  }
  test("colons, brackets and quotes in strings are text", async () => {
    expect((await post('{"title":"a:\\"{[\\\\"}')).json).toEqual({ title: 'a:"{[\\' });
  });
  test("no body at all is 400 where one is declared", async () => {
    expect((await call("POST", "/things", { headers: type })).code).toBe("malformed_json");
    expect((await call("POST", "/things")).code).toBe("malformed_json");
  });
  test("an optional body may be absent", async () => {
    expect((await call("POST", "/maybe")).json).toEqual({ body: null });
    expect((await call("POST", "/maybe", { json: { a: 1 } })).json).toEqual({ body: { a: 1 } });
  });
  test("a body sent to a route without one is not read", async () => {
    expect((await call("POST", "/bare", { raw: "{", headers: type })).json).toEqual({ body: null });
    expect((await call("POST", "/bare")).status).toBe(200);
  });
});

describe("fields", () => {
  const refused: readonly [promise: string, body: unknown, errors: Record<string, string>][] = [
    ["a body that is no object", [], { "": "This must be an object." }],
    ["null for a body", null, { "": "This must be an object." }],
    ["a missing field", {}, { "/title": "This field is required." }],
    ["an empty text", { title: "" }, { "/title": "This must have 1 to 10 characters." }],
    ["a text of blanks", { title: " \t\n" }, { "/title": "This must have 1 to 10 characters." }],
    ["a long text", { title: "x".repeat(11) }, { "/title": "This must have 1 to 10 characters." }],
    ["a number for a text", { title: 1 }, { "/title": "This must be text." }],
    ["null for a text", { title: null }, { "/title": "This must be text." }],
    ["an unknown field", { title: "a", color: 1 }, { "/color": "This field is not known here." }],
    [
      "two unknown fields",
      { title: "a", x: 1, "y/~": 2 },
      { "/x": "This field is not known here.", "/y~1~0": "This field is not known here." },
    ],
    ["__proto__", JSON.parse('{"title":"a","__proto__":{"x":1}}'), { "/__proto__": "This field is not known here." }],
    ["constructor", { title: "a", constructor: 1 }, { "/constructor": "This field is not known here." }],
    [
      "an unknown field within",
      { title: "a", size: { width: 1, depth: 2 } },
      { "/size/depth": "This field is not known here." },
    ],
    [
      "a fraction for a whole number",
      { title: "a", size: { width: 1.5 } },
      { "/size/width": "This must be a whole number." },
    ],
    ["text for a number", { title: "a", size: { width: "1" } }, { "/size/width": "This must be a whole number." }],
    ["a number out of range", { title: "a", size: { width: -1 } }, { "/size/width": "This must be at least 1." }],
    ["a huge number", { title: "a", size: { width: 1e308 } }, { "/size/width": "This must be at most 9." }],
    ["a list for an object", { title: "a", size: [] }, { "/size": "This must be an object." }],
    ["an object for a list", { title: "a", labels: {} }, { "/labels": "This must be a list." }],
    ["too many items", { title: "a", labels: ["a", "b", "c", "d"] }, { "/labels": "This must have at most 3 items." }],
    [
      "the same item twice",
      { title: "a", labels: ["a", " a "] },
      { "/labels": "This must not name the same item twice." },
    ],
    ["a bad item", { title: "a", labels: ["a", "123456"] }, { "/labels/1": "This must have 1 to 5 characters." }],
    ["an unknown word", { title: "a", status: "gone" }, { "/status": "This must be one of open, done." }],
    ["an unknown word of a union", { title: "a", kind: "c" }, { "/kind": "This must be one of a, b." }],
    ["a number for a word", { title: "a", status: 1 }, { "/status": "This must be one of open, done." }],
    [
      "a time that is none",
      { title: "a", due_at: "tomorrow" },
      { "/due_at": "This must be a time as RFC 3339 has it: 2026-11-20T09:00:00Z." },
    ],
    [
      "a day that is none",
      { title: "a", due_at: "2026-02-30T00:00:00Z" },
      { "/due_at": "This must be a time as RFC 3339 has it: 2026-11-20T09:00:00Z." },
    ],
    ["a form with its own sentence", { title: "a", slug: "ABC" }, { "/slug": "A slug has small letters only." }],
    ["a length of what has a form", { title: "a", slug: "a" }, { "/slug": "This must have 3 to 9 characters." }],
    ["a NUL", { title: "a\0" }, { "/title": "Text must not contain NUL characters." }],
    ["a NUL in a name", { title: "a", "b\0": 1 }, { "/b\0": "Text must not contain NUL characters." }],
    ["a NUL in a verbatim text", { title: "a", secret: "a\0" }, { "/secret": "Text must not contain NUL characters." }],
    ["a NUL within", { title: "a", labels: ["\0"] }, { "/labels/0": "Text must not contain NUL characters." }],
  ];
  for (const [promise, body, errors] of refused) {
    test(`${promise} is named`, async () => {
      const answer = await call("POST", "/things", { json: body });
      expect([answer.status, answer.code]).toEqual([422, "validation_failed"]);
      expect(answer.errors).toMatchObject(errors);
    });
  }
  test("a lone surrogate is 422, in a value and in a name", async () => {
    expect((await post('{"title":"\\ud800"}')).errors).toEqual({ "/title": "Text must not contain lone surrogates." });
    expect((await post('{"title":"a","\\udc00":1}')).status).toBe(422);
    expect((await post('{"title":"a","secret":"\\ud800"}')).status).toBe(422);
  });
  test("all fields at fault are named at once", async () => {
    expect(
      Object.keys((await call("POST", "/things", { json: { title: "", x: 1, size: { width: 0 } } })).errors).sort(),
    ).toEqual(["/size/width", "/title", "/x"]);
  });
  test("at most 100 fields are named", async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, 1]));
    expect((await call("POST", "/things", { json: { title: "a", ...many } })).json.errors).toHaveLength(100);
  });
});

describe("texts and times", () => {
  test("texts are trimmed at the ends and brought to NFC", async () => {
    expect((await call("POST", "/things", { json: { title: "  e\u0301 b\u00a0", labels: [" x "] } })).json).toEqual({
      title: "é b",
      labels: ["x"],
    });
  });
  test("verbatim texts stay as sent", async () => {
    expect((await call("POST", "/things", { json: { title: "a", secret: " e\u0301 " } })).json.secret).toBe(
      " e\u0301 ",
    );
  });
  test("length counts code points, after trimming", async () => {
    expect((await call("POST", "/things", { json: { title: ` ${"😀".repeat(10)} ` } })).status).toBe(201);
    expect((await call("POST", "/things", { json: { title: "😀".repeat(11) } })).status).toBe(422);
  });
  test("times come in UTC with milliseconds", async () => {
    expect(
      (await call("POST", "/things", { json: { title: "a", due_at: "2026-11-20T10:30:00+01:30" } })).json.due_at,
    ).toBe("2026-11-20T09:00:00.000Z");
    expect((await call("POST", "/things", { json: { title: "a", due_at: null } })).json.due_at).toBeNull();
  });
});

describe("what a fetched object carries", () => {
  test("version and times are dropped, whatever they hold", async () => {
    const json = {
      title: "a",
      version: "x",
      created_at: 1,
      updated_at: null,
      deleted_at: [],
      finished_at: {},
      noise: 1,
    };
    expect((await call("PATCH", "/things", { json })).json).toEqual({ title: "a" });
  });
  test("a time that may be changed is kept", async () => {
    expect((await call("PATCH", "/things", { json: { due_at: "2026-11-20T09:00:00Z" } })).json).toEqual({
      due_at: "2026-11-20T09:00:00.000Z",
    });
  });
  test("other read-only fields reach the use case, which compares them", async () => {
    expect((await call("PATCH", "/things", { json: { id: "x", title: "a" } })).json).toEqual({ id: "x", title: "a" });
  });
  test("what the resource does not have is refused in a patch too", async () => {
    expect((await call("PATCH", "/things", { json: { color: 1 } })).errors).toEqual({
      "/color": "This field is not known here.",
    });
  });
  test("a create drops version and times and refuses an id", async () => {
    expect((await call("POST", "/things", { json: { title: "a", version: 1, created_at: "x" } })).json).toEqual({
      title: "a",
    });
    expect((await call("POST", "/things", { json: { title: "a", id: "x" } })).errors).toEqual({
      "/id": "This field is not known here.",
    });
  });
});
