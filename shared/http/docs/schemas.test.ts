import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { List } from "../list/index.ts";
import { Patch } from "../schemas.ts";
import { extractPictures } from "./images.ts";
import type { Schema } from "./openapi.ts";
import { sample } from "./sample.ts";
import { tidy } from "./tidy.ts";

describe("an example by schema", () => {
  const cases: [string, Schema, unknown][] = [
    ["its own example", { type: "string", example: "x" }, "x"],
    ["the first of its examples", { type: "string", examples: ["a", "b"] }, "a"],
    ["its default", { type: "integer", default: 50 }, 50],
    ["its constant", { const: "bearer" }, "bearer"],
    ["the first of its choices", { anyOf: [{ type: "boolean" }, { type: "null" }] }, true],
    ["one of each item", { type: "array", items: { type: "integer", minimum: 3 } }, [3]],
    ["an empty list when items are unknown", { type: "array" }, []],
    [
      "all parts together",
      { allOf: [{ type: "object", properties: { a: { type: "number" } } }, { example: { b: 2 } }] },
      { a: 1, b: 2 },
    ],
    ["the first of several types", { type: ["string", "null"] }, "text"],
    [
      "what a name suggests",
      { type: "object", properties: { owner_id: { type: "string" }, seen_at: { type: "string" } } },
      { owner_id: expect.stringContaining("-7000-"), seen_at: "2026-11-20T09:00:00.000Z" },
    ],
    [
      "the end of a list",
      { type: "object", properties: { next_cursor: { anyOf: [{ type: "string" }, { type: "null" }] } } },
      { next_cursor: null },
    ],
    ["null for anything", {}, null],
  ];
  test.each(cases)("is %s", (_name, schema, example) => {
    expect(sample(schema)).toEqual(example);
  });
});

describe("a tidied schema", () => {
  test("gets a number when its name is taken by another", () => {
    const schemas = new Map<string, Schema>();
    expect(tidy({ title: "A thing", type: "string" }, schemas)).toEqual({ $ref: "#/components/schemas/Athing" });
    expect(tidy({ title: "A thing", type: "string" }, schemas)).toEqual({ $ref: "#/components/schemas/Athing" });
    expect(tidy({ title: "A thing", type: "number" }, schemas)).toEqual({ $ref: "#/components/schemas/Athing2" });
    expect([...schemas.keys()]).toEqual(["Athing", "Athing2"]);
  });

  test("keeps a default where it stands", () => {
    const schemas = new Map<string, Schema>();
    expect(tidy({ title: "Word", type: "string", default: "a" }, schemas)).toEqual({
      $ref: "#/components/schemas/Word",
      default: "a",
    });
    expect(tidy({ title: "Word", type: "string" }, schemas)).toEqual({ $ref: "#/components/schemas/Word" });
    expect([...schemas]).toEqual([["Word", { title: "Word", type: "string" }]]);
  });

  test("keeps choices that are no constants, at every depth", () => {
    const schema = {
      anyOf: [
        { type: "object", additionalProperties: { not: { const: 1 } } },
        { type: "array", items: [{ type: "string" }] },
      ],
      additionalProperties: false,
    };
    expect(tidy(schema, new Map())).toEqual(schema);
  });

  test("moves what bears an $id", () => {
    const schemas = new Map<string, Schema>();
    expect(tidy({ type: "object", properties: { a: { $id: "A", type: "null" } } }, schemas)).toEqual({
      type: "object",
      properties: { a: { $ref: "#/components/schemas/A" } },
    });
    expect(schemas.get("A")).toEqual({ type: "null" });
  });
});

describe("pictures in a stylesheet", () => {
  const css = `a{b:url("data:image/svg+xml;charset=utf-8,<svg x=\\"1\\" fill='%23fff'/>")}c{d:url(data:image/png;base64,AAEC)}e{f:url("data:image/svg+xml;charset=utf-8,<svg x=\\"1\\" fill='%23fff'/>")}g{h:url(x.png)}`;

  test("become files, each once", () => {
    const { css: text, pictures } = extractPictures(css, "p");
    expect(text).toBe("a{b:url(p1.svg)}c{d:url(p2.png)}e{f:url(p1.svg)}g{h:url(x.png)}");
    expect(pictures.get("p1.svg")?.type).toBe("image/svg+xml");
    expect(new TextDecoder().decode(pictures.get("p1.svg")?.body)).toBe(`<svg x="1" fill='#fff'/>`);
    expect(pictures.get("p2.png")).toEqual({ type: "image/png", body: Uint8Array.of(0, 1, 2) });
  });
});

test("pages and patches are named after what they hold", () => {
  const Thing = Type.Object({ id: Type.String(), name: Type.String() }, { title: "Thing" });
  expect([List(Thing).title, Patch({ name: Type.String() }, Thing).title]).toEqual(["ThingPage", "ThingPatch"]);
  expect(Patch({ name: Type.String() }, Thing, "OwnThingPatch").title).toBe("OwnThingPatch");
  const Nameless = Type.Object({ id: Type.String() });
  expect([List(Nameless), Patch({}, Nameless)].map((schema) => "title" in schema)).toEqual([false, false]);
});
