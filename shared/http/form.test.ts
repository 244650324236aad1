import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { controller } from "./controller.ts";
import { operation } from "./operation.ts";
import { Text } from "./schemas/index.ts";
import { harness } from "./test/harness.ts";

const Entry = Type.Object({ name: Text({ max: 20 }), word: Type.Optional(Text({ max: 20, verbatim: true })) });

const { call } = harness(
  (http) => [
    controller(http).post(
      "/entries",
      ({ body }) => body,
      operation({
        id: "entries.create",
        access: "anyone",
        summary: "Echo an entry",
        body: Entry,
        form: Type.Object({
          kind: Type.Optional(Type.Literal("entry")),
          note: Type.Optional(Text({ min: 0, max: 9 })),
        }),
        answer: Entry,
      }),
    ),
  ],
  { rate_limit_scale: 0 },
);
const send = (raw: string, type = "application/x-www-form-urlencoded") =>
  call("POST", "/entries", { raw, headers: { "content-type": type } });

describe("a body as a form", () => {
  test.each([
    ["name=Ada+Lovelace&word=+a%20b%2B", { name: "Ada Lovelace", word: " a b+" }],
    ["name=Zo%C3%AB&kind=entry&note=", { name: "Zoë" }],
    ["&name=%20x%20&&", { name: "x" }],
  ])("%s is what it would be as JSON, without what belongs to the form", async (raw, entry) => {
    const { status, json: body } = await send(raw, "Application/X-WWW-Form-Urlencoded; charset=UTF-8");
    expect([status, body]).toEqual([200, entry]);
  });

  test.each([
    ["name=a&name=b", "/name"],
    ["name=%FF", ""],
    ["name=%", ""],
    ["word=x", "/name"],
    ["name=a&kind=other", "/kind"],
    ["name=a&note=longer+than+nine", "/note"],
    ["name=a&unknown=1", "/unknown"],
    ["name=a%00b", "/name"],
    ["name=a&__proto__=1", "/__proto__"],
    [`name=a${"%CC%96%CC%81".repeat(40)}`, "/name"],
  ])("%p is refused, and the field named", async (raw, path) => {
    const { status, json: body } = await send(raw);
    expect([status, body]).toMatchObject([422, { error_code: "validation_failed", errors: [{ path }] }]);
  });

  test("may not be sent as something else, and JSON takes no field of the form", async () => {
    expect((await send("name=a", "text/plain")).code).toBe("unsupported_media_type");
    expect((await send("name=a", "application/x-www-form-urlencoded; charset=latin1")).status).toBe(415);
    expect((await send("", "application/x-www-form-urlencoded")).code).toBe("malformed_json");
    expect((await send('{"name": "a", "kind": "entry"}', "application/json")).status).toBe(422);
  });
});
