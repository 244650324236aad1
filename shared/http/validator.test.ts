import { describe, expect, test } from "bun:test";
import { type TSchema, Type } from "@sinclair/typebox";
import { Day, Id, Nullable, OneOf, Text, Time, TimeZone } from "./index.ts";
import { normalize } from "./normalize.ts";
import { answerSchema, strict } from "./strict.ts";
import { validatorOf } from "./validator.ts";

const sentence = (schema: TSchema, value: unknown) => validatorOf(schema, {}).validate(value)[0]?.message;

describe("each fault has its sentence", () => {
  const faults: readonly [schema: TSchema, value: unknown, message: string][] = [
    [Type.Array(Type.Integer(), { minItems: 1 }), [], "This must have at least 1 item."],
    [Type.Array(Type.Integer(), { minItems: 2 }), [1], "This must have at least 2 items."],
    [Type.Number({ minimum: 0.5 }), 0, "This must be at least 0.5."],
    [Type.Number({ maximum: 1 }), 2, "This must be at most 1."],
    [Type.Integer({ exclusiveMinimum: 0 }), 0, "This must be more than 0."],
    [Type.Integer({ exclusiveMaximum: 9 }), 9, "This must be less than 9."],
    [Type.Number({ exclusiveMinimum: 0 }), 0, "This must be more than 0."],
    [Type.Number({ exclusiveMaximum: 9 }), 9, "This must be less than 9."],
    [Type.Number(), "1", "This must be a number."],
    [Type.Boolean(), "true", "This must be true or false."],
    [Type.Null(), 1, "This must be null."],
    [Type.String({ minLength: 1 }), "", "This must not be empty."],
    [Type.String({ minLength: 2 }), "a", "This must have at least 2 characters."],
    [Type.String({ maxLength: 1 }), "ab", "This must have at most 1 character."],
    [Text({ min: 0, max: 2 }), "abc", "This must have at most 2 characters."],
    [Text({ max: 9, pattern: "^a" }), "b", "This is not of the form it must have."],
    [Type.String({ pattern: "^a" }), "b", "This is not of the form it must have."],
    [Type.String({ format: "date" }), "x", "This must be a day: 2026-11-20."],
    [Type.String({ format: "email" }), "x", "This must be an e-mail address."],
    [Type.String({ format: "uuid" }), "x", "This must be an id (a UUID)."],
    [Type.String({ format: "date-time" }), "x", "This must be a time as RFC 3339 has it: 2026-11-20T09:00:00Z."],
    [Type.Object({}, { minProperties: 1 }), {}, "This must have at least 1 member."],
    [Type.Literal("a"), "b", 'This must be "a".'],
    [Type.Union([Type.Literal("a"), Type.Null()]), "b", "This must be one of a, null."],
    [Type.Union([Type.Integer(), Type.String()]), true, "This is not of a kind that is taken here."],
    [Nullable(Type.Integer({ minimum: 1 })), 0, "This must be at least 1."],
    [Nullable(Text({ max: 1 })), "ab", "This must have 1 to 1 character."],
  ];
  for (const [schema, value, message] of faults) {
    test(message, () => expect(sentence(schema, value)).toBe(message));
  }
  test("of two kinds of objects, the one it was meant for is validated", () => {
    const schema = Type.Union([Type.Object({ a: Type.Integer() }), Type.Array(Type.Integer())]);
    expect(validatorOf(schema, {}).validate({ a: "x" })).toEqual([
      { path: "/a", message: "This must be a whole number." },
    ]);
  });
});

describe("days", () => {
  test.each(["2026-11-20", "2024-02-29", "0001-01-01", "9999-12-31"])("%s is one", (day) =>
    expect(sentence(Day(), day)).toBeUndefined(),
  );
  test.each([
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-11-00",
    "2026-11-2",
    "20261120",
    "2026-11-20T00:00:00Z",
    "+02026-11-20",
    "today",
    "",
  ])("%p is none", (day) => expect(sentence(Day(), day)).toBe("This must be a day: 2026-11-20."));
});

describe("days and times within a span", () => {
  const day = Day({ earliest: "1970-01-01", latest: "2199-12-31" });
  const time = Time({ earliest: "1970-01-01T00:00:00.000Z", latest: "2199-12-31T23:59:59.999Z" });
  test.each([
    [day, "1970-01-01", undefined],
    [day, "2199-12-31", undefined],
    [day, "0000-01-01", "This must not be before 1970-01-01."],
    [day, "9999-12-31", "This must not be after 2199-12-31."],
    [day, "1969-02-30", "This must be a day: 2026-11-20."],
    [time, "1970-01-01T01:00:00+01:00", undefined],
    [time, "1970-01-01T00:59:59+01:00", "This must not be before 1970-01-01T00:00:00.000Z."],
    [time, "2199-12-31T23:59:59-00:01", "This must not be after 2199-12-31T23:59:59.999Z."],
    [Nullable(time), "0000-01-01T00:00:00Z", "This must not be before 1970-01-01T00:00:00.000Z."],
    [Time({ earliest: "1970-01-01T00:00:00.000Z" }), "9999-12-31T23:59:59Z", undefined],
  ])("%# %p: %p", (schema, value, said) => expect(sentence(schema, value)).toBe(said));
});

describe("time zones", () => {
  test.each(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+12"])("%s is one", (zone) =>
    expect(sentence(TimeZone(), zone)).toBeUndefined(),
  );
  test.each(["Europe/Atlantis", "+01:00", "GMT+25", "../../etc/localtime", "Mars/Olympus Mons"])("%s is none", (zone) =>
    expect(sentence(TimeZone(), zone)).toBe("This is no time zone."),
  );
  test("an endless name is refused by its length", () => {
    expect(sentence(TimeZone(), "A".repeat(1_000))).toBe("This must have 1 to 64 characters.");
  });
});

describe("times", () => {
  const { validate } = validatorOf(Time(), {});
  for (const good of [
    "2026-11-20T09:00:00Z",
    "2026-11-20t09:00:00z",
    "2024-02-29T23:59:60+23:59",
    "0001-01-01T00:00:00.123456789Z",
  ]) {
    test(`${good} is one`, () => expect(validate(good)).toBeEmpty());
  }
  const bad = [
    "2026-11-20",
    "2026-11-20 09:00:00Z",
    "2026-13-01T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T09:00:00",
    "2026-11-20T09:00Z",
    "9999-12-31T23:59:59-01:00",
    "0000-01-01T00:00:00+01:00",
    1,
  ];
  for (const value of bad) {
    test(`${value} is none`, () => expect(validate(value)).not.toBeEmpty());
  }
});

describe("texts are normalized wherever they stand", () => {
  const normal = (schema: TSchema, value: unknown) => normalize(value, schema).value;
  test("in records, lists of unions and unions of lists", () => {
    expect(normal(Type.Record(Type.String(), Text({ max: 9 })), { a: " b " })).toEqual({ a: "b" });
    expect(normal(Type.Object({}, { additionalProperties: Text({ max: 9 }) }), { a: " b " })).toEqual({ a: "b" });
    expect(normal(Type.Array(Nullable(Text({ max: 9 }))), [" b ", null])).toEqual(["b", null]);
    expect(normal(Nullable(Type.Array(Text({ max: 9 }))), [" b "])).toEqual(["b"]);
    expect(normal(Nullable(Type.Object({ a: Text({ max: 9 }) })), { a: " b " })).toEqual({ a: "b" });
    expect(normal(Nullable(Text({ max: 9, verbatim: true })), " b ")).toBe(" b ");
  });
  test("and left alone where no schema says that they are texts", () => {
    expect(normal(Type.Object({}), { a: " b " })).toEqual({ a: " b " });
    expect(normal(Type.Integer(), [" b "])).toEqual([" b "]);
  });
  test("a member called __proto__ stays a member", () => {
    const value = normal(Type.Record(Type.String(), Text({ max: 9 })), JSON.parse('{"__proto__":" x "}'));
    expect(JSON.stringify(value)).toBe('{"__proto__":"x"}');
  });
});

describe("schemas take no unknown members", () => {
  const deep = Type.Object({
    map: Type.Record(Type.String(), Type.Object({ a: Type.Integer() })),
    pair: Type.Tuple([Type.Object({ a: Type.Integer() }), Type.Integer()]),
    open: Type.Object({}, { additionalProperties: true }),
  });
  const good = { map: { x: { a: 1 } }, pair: [{ a: 1 }, 2], open: { any: 1 } };
  test("at every depth, except where they say that they are open", () => {
    const { validate } = validatorOf(deep, {});
    expect(validate(good)).toBeEmpty();
    expect(validate({ ...good, map: { x: { a: 1, b: 2 } } })[0]?.path).toBe("/map/x/b");
    expect(validate({ ...good, pair: [{ a: 1, b: 2 }, 2] })[0]?.path).toBe("/pair/0/b");
  });
  test("and the original stays as it was", () => {
    const open = Type.Object({ a: Type.Object({}) });
    strict(open);
    expect("additionalProperties" in open.properties.a).toBe(false);
  });
  test("answers are checked by shape: text is text", () => {
    const shape = answerSchema(
      Type.Object({ id: Id(), at: Nullable(Time()), word: OneOf(["a", "b"]), text: Text({ max: 1 }) }),
    );
    const { validate } = validatorOf(shape, {});
    expect(validate({ id: "x", at: "x", word: "x", text: "xx" })).toBeEmpty();
    expect(validate({ id: 1, at: 1, word: 1, text: 1, more: 1 })).toHaveLength(5);
  });
});
