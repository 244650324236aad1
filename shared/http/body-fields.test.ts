import { describe, expect, spyOn, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { harness } from "./test/harness.ts";
import { thingRoutes } from "./test/things.ts";

const { call } = harness(thingRoutes, { rate_limit_scale: 0 });
const post = (raw: string) => call("POST", "/things", { raw, headers: { "content-type": "application/json" } });

type Refused = [promise: string, body: unknown, errors: Record<string, string>];

const marks = "Text must not have more than 30 combining marks in a row.";
const oneLine = "This must be one line without control characters.";
const severalLines = "This must not contain control characters other than tabs and line breaks.";

describe("fields", () => {
  const refused: readonly Refused[] = [
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
    ["31 marks in a row", { title: `a${"\u0301".repeat(31)}` }, { "/title": marks }],
    ["31 marks in a verbatim text", { title: "a", secret: "\u0301".repeat(31) }, { "/secret": marks }],
    [
      "31 marks in a name",
      { title: "a", [`x${"\u0316\u0301".repeat(16)}`]: 1 },
      { [`/x${"\u0316\u0301".repeat(16)}`]: marks },
    ],
    ["31 marks within", { title: "a", labels: ["\u0301".repeat(31)] }, { "/labels/0": marks }],
    ...["\u0001", "\t", "\n", "\r", "\u007f", "\u0085", "\u009f"].map((control): Refused => {
      const name = `U+${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
      return [`${name} in a text of one line`, { title: `a${control}b` }, { "/title": oneLine }];
    }),
    ...["\u0001", "\u000b", "\u001b", "\u007f", "\u0085", "\u009f"].map((control): Refused => {
      const name = `U+${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
      return [`${name} in a text of several lines`, { title: "a", notes: `a${control}b` }, { "/notes": severalLines }];
    }),
    ...["\u200b", "\u202e", "\u2066\u2069", "\u2800", "\u3164", "\u00ad", "\u034f", "\u{e0041}"].map(
      (blank): Refused => {
        const name = [...blank].map((character) => `U+${character.codePointAt(0)?.toString(16)}`).join(" ");
        return [
          `${name} and nothing to be seen`,
          { title: blank },
          { "/title": "This must have a visible character." },
        ];
      },
    ),
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
  test.each([
    ["NUL", "\0"],
    ["lone surrogates", "\ud800"],
    ["marks", "\u0301".repeat(31)],
  ])("so are at most 100 texts with %s, whatever else is wrong", async (_, text) => {
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`f${i}`, 1]));
    const answer = await call("POST", "/things", { json: { labels: Array(500).fill(text), ...many } });
    expect(answer.json.errors).toHaveLength(100);
  });
  test("a path that is named is cut, so that the answer does not grow with what was sent", async () => {
    const name = "n".repeat(5_000);
    const answer = await call("POST", "/things", { json: { title: "a", [name]: Array(500).fill("\0") } });
    expect(answer.json.errors).toHaveLength(100);
    expect(Object.keys(answer.errors)).toEqual([`/${"n".repeat(254)}…`]);
    expect(answer.text.length).toBeLessThan(50_000);
  });
  test("the items of a list that is too long are not compared with each other", async () => {
    const hash = spyOn(Value, "Errors");
    try {
      const answer = await call("POST", "/things", { json: { title: "a", labels: Array(5_000).fill("b") } });
      expect(answer.errors).toMatchObject({ "/labels": "This must have at most 3 items." });
      const [, value] = hash.mock.calls[0] ?? [];
      expect(value).toMatchObject({ labels: ["b", "b", "b", "b"] });
    } finally {
      hash.mockRestore();
    }
  });
  test("what is of several lines may have them, emoji made of parts and 30 marks are text", async () => {
    const json = { title: "👩‍👩‍👧", notes: "a\tb\r\nc", labels: [`a${"\u0316".repeat(4)}`] };
    expect((await call("POST", "/things", { json })).json).toEqual(json);
    const accents = `x${"\u0316".repeat(9)}`;
    expect((await call("POST", "/things", { json: { title: accents } })).json).toEqual({ title: accents });
    expect((await call("POST", "/things", { json: { title: "a", notes: "" } })).status).toBe(201);
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
  test("untrimmed texts are brought to NFC and have something to be seen", async () => {
    expect((await call("POST", "/things", { json: { title: "a", words: " e\u0301\n" } })).json.words).toBe(" \u00e9\n");
    for (const words of ["", " \n", "\u200b", "  abcd"]) {
      expect((await call("POST", "/things", { json: { title: "a", words } })).status).toBe(422);
    }
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
