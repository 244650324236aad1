import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { List } from "../list/index.ts";
import { Id, Patch } from "../schemas/index.ts";
import { describeSchema } from "./describe-schema.ts";
import { extractPictures } from "./images.ts";
import type { Schema } from "./openapi.ts";
import { sample } from "./sample.ts";

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
    [
      "nothing of what cannot be sent",
      { type: "object", properties: { id: { readOnly: true }, done: { type: "boolean" } } },
      { done: true },
    ],
    ["null for anything", {}, null],
  ];
  test.each(cases)("is %s", (_name, schema, example) => {
    expect(sample(schema)).toEqual(example);
  });
});

describe("a schema in a document", () => {
  test("gets a number when its name is taken by another", () => {
    const schemas = new Map<string, Schema>();
    expect(describeSchema({ title: "A thing", type: "string" }, schemas)).toEqual({
      $ref: "#/components/schemas/Athing",
    });
    expect(describeSchema({ title: "A thing", type: "string" }, schemas)).toEqual({
      $ref: "#/components/schemas/Athing",
    });
    expect(describeSchema({ title: "A thing", type: "number" }, schemas)).toEqual({
      $ref: "#/components/schemas/Athing2",
    });
    expect([...schemas.keys()]).toEqual(["Athing", "Athing2"]);
  });

  test("says nothing of a pattern that only JavaScript can read", () => {
    const described = (pattern: string) => describeSchema({ type: "string", pattern }, new Map());
    expect(described("^[a-z]+$")).toEqual({ type: "string", pattern: "^[a-z]+$" });
    expect(described("^[^\\p{Zs}]$")).toEqual({ type: "string" });
    expect(described("^\\P{Zs}$")).toEqual({ type: "string" });
  });

  test("keeps a default where it stands", () => {
    const schemas = new Map<string, Schema>();
    expect(describeSchema({ title: "Word", type: "string", default: "a" }, schemas)).toEqual({
      $ref: "#/components/schemas/Word",
      default: "a",
    });
    expect(describeSchema({ title: "Word", type: "string" }, schemas)).toEqual({ $ref: "#/components/schemas/Word" });
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
    expect(describeSchema(schema, new Map())).toEqual(schema);
  });

  test("has the read-only fields of a merge patch as the answer has them", () => {
    const Role = Type.Union([Type.Literal("owner"), Type.Literal("viewer")], { title: "Role" });
    const Thing = Type.Object({ id: Id({ description: "Its id." }), name: Type.String(), role: Role });
    const schemas = new Map<string, Schema>();
    expect(describeSchema(Patch({ name: Type.String() }, Thing), schemas)["properties"]).toEqual({
      id: { type: "string", format: "uuid", description: "Its id.", readOnly: true },
      role: { $ref: "#/components/schemas/Role", readOnly: true },
      name: { type: "string" },
    });
    expect([...schemas.keys()]).toEqual(["Role"]);
  });

  test("says of a union with a discriminator which schema belongs to which value", () => {
    const choice = (kind: string) => Type.Object({ kind: Type.Literal(kind) }, { title: `${kind}Thing` });
    const union = Type.Union([choice("big"), choice("small")], { discriminator: { propertyName: "kind" } });
    const [big, small] = [{ $ref: "#/components/schemas/bigThing" }, { $ref: "#/components/schemas/smallThing" }];
    expect(describeSchema(union, new Map())).toEqual({
      oneOf: [big, small],
      discriminator: { propertyName: "kind", mapping: { big: big.$ref, small: small.$ref } },
    });
  });

  test("moves what bears an $id", () => {
    const schemas = new Map<string, Schema>();
    expect(describeSchema({ type: "object", properties: { a: { $id: "A", type: "null" } } }, schemas)).toEqual({
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
