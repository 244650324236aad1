import { describe, expect, test } from "bun:test";
import { type CallOptions, harness } from "./test/harness.ts";
import { thingRoutes } from "./test/things.ts";

const type = { "content-type": "application/json" };
const { call } = harness(thingRoutes, { rate_limit_scale: 0 });
const post = (raw: NonNullable<CallOptions["raw"]>, headers: Record<string, string> = type) =>
  call("POST", "/things", { raw, headers });

describe("media type", () => {
  for (const good of [
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
    "application/json ; x=y",
    "application/json; charset = utf-8 ",
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
    `application/json; charset=${" ".repeat(9_000)}x y`,
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
  test("a compressed body is 415 and says what is taken; one that says that it is none is taken", async () => {
    const raw = Bun.gzipSync('{"title":"a"}');
    const packed = await post(raw, { ...type, "content-encoding": "gzip" });
    expect([packed.status, packed.code, packed.headers.get("accept-encoding")]).toEqual([
      415,
      "unsupported_media_type",
      "identity",
    ]);
    expect((await post('{"title":"a"}', { ...type, "content-encoding": "Identity" })).status).toBe(201);
    expect((await call("POST", "/bare", { headers: { "content-encoding": "gzip" } })).status).toBe(200);
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
  test("an operation that anyone may call takes 16 KiB when it says nothing else", async () => {
    const of = (size: number) => call("POST", "/maybe", { raw: '{"a":1}'.padEnd(size), headers: type });
    expect([(await of(16 * 1024)).status, (await of(16 * 1024 + 1)).code]).toEqual([200, "payload_too_large"]);
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
    ["20,001 members", `[${'{"a":1},'.repeat(20_000)}{"a":1}]`],
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
  test("a route without a body takes none, an object without fields, and what is always ignored", async () => {
    for (const raw of ["", "{}", ' {"version":7,"updated_at":"x"}']) {
      expect((await call("POST", "/bare", { raw, headers: type })).json).toEqual({ body: null });
    }
    expect((await call("POST", "/bare", { raw: "" })).status).toBe(200);
    expect((await call("POST", "/bare")).status).toBe(200);
  });
  test("a route without a body refuses fields, as every route does unknown ones", async () => {
    const bare = async (raw: string, headers: Record<string, string> = type) => {
      const { status, code } = await call("POST", "/bare", { raw, headers });
      return `${status} ${code}`;
    };
    expect(await bare('{"title":"a"}')).toBe("422 validation_failed");
    expect(await bare("[]")).toBe("422 validation_failed");
    expect(await bare("{")).toBe("400 malformed_json");
    expect(await bare("a=1", { "content-type": "text/plain" })).toBe("415 unsupported_media_type");
  });
  test("a route without a body does not read what clients of older backends send", async () => {
    const headers = { "content-type": "text/plain", "stoa-older": "1" };
    expect((await call("POST", "/bare", { raw: "{", headers })).json).toEqual({ body: null });
  });
});
