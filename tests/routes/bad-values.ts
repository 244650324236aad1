import { Kind, type TSchema } from "@sinclair/typebox";
import { propertiesOf, solid, typesOf, valid } from "./samples.ts";

/** A value that a field with a schema must refuse. */
export interface BadValue {
  /** What is wrong with it, for the test's report. */
  readonly what: string;
  readonly value: unknown;
  /** Where in the field the error is: a JSON pointer, empty for the field itself. */
  readonly at: string;
}

const kinds: readonly (readonly [type: string, value: unknown])[] = [
  ["string", "text"],
  ["integer", 7],
  ["number", 1.5],
  ["boolean", true],
  ["null", null],
  ["object", {}],
  ["array", []],
];

/** Texts that are invalid for every schema. */
const noTexts: readonly BadValue[] = [
  { what: "NUL", value: "a\0b", at: "" },
  { what: "a lone high surrogate", value: "a\ud800", at: "" },
  { what: "a lone low surrogate", value: "\udc00a", at: "" },
  { what: "31 combining marks in a row", value: `a${"\u0316\u0301".repeat(15)}\u0316`, at: "" },
];

/** All invalid values of a field. */
export function badValues(schema: TSchema): BadValue[] {
  const types = typesOf(schema);
  if (types.length === 0) return [...noTexts];
  const bad: BadValue[] = [];
  for (const [type, value] of kinds) {
    const taken = types.includes(type) || (type === "integer" && types.includes("number"));
    if (!taken) bad.push({ what: `of type ${type}`, value, at: "" });
  }
  const inner = solid(schema);
  if (inner["type"] === "string") bad.push(...noTexts, ...badTexts(inner));
  if (inner["type"] === "integer" || inner["type"] === "number") bad.push(...badNumbers(inner));
  if (inner["type"] === "array") bad.push(...badLists(inner));
  if (inner["type"] === "object") bad.push(...badMembers(inner));
  return bad;
}

/** Texts that are too long, too short, or of the wrong format. */
export function badTexts(schema: TSchema): BadValue[] {
  const texts: [string, string][] = [];
  const max = schema["maxLength"] as number | undefined;
  // An emoji is one code point and two code units. Limits count code points.
  if (max !== undefined) texts.push(["too long", "x".repeat(max + 1)], ["too long in emoji", "🙂".repeat(max + 1)]);
  if (((schema["minLength"] ?? 0) as number) > 0) texts.push(["empty", ""]);
  if (((schema["minLength"] ?? 0) as number) > 0 && !schema["verbatim"]) texts.push(["blank", " \t\n "]);
  if (schema[Kind] === "StoaText" && !schema["verbatim"]) {
    for (const control of ["\u0001", "\u001b", "\u007f", "\u0085"]) texts.push(["with a control", `abc${control}def`]);
    if (!schema["lines"]) texts.push(["of two lines", "abc\ndef"], ["with a tab", "abc\tdef"]);
    if ((!schema["lines"] || schema["untrimmed"]) && ((schema["minLength"] ?? 0) as number) > 0)
      texts.push(["of zero-width characters", "\u200b\u200d\ufeff"], ["of overrides", "\u202e\u2066\u2069"]);
  }
  if (Array.isArray(schema["enum"])) texts.push(["no word of the list", "no_such_word"]);
  if (schema["format"] === "uuid") {
    texts.push(["no id", "not-an-id"], ["half an id", "01a0a0a0-7000-7000-8000"], ["path", "../../etc/passwd"]);
  }
  if (schema["format"] === "date-time") {
    for (const time of ["yesterday", "2026-02-30T00:00:00Z", "2026-11-20", "2026-11-20T09:00:00", "1e9"]) {
      texts.push(["no time", time]);
    }
  }
  if (schema["format"] === "date") {
    for (const day of ["today", "2026-02-30", "2026-2-3", "2026-11-20T09:00:00Z"]) texts.push(["no day", day]);
  }
  if (schema["earliest"] !== undefined) texts.push(["before the earliest", yearOf(schema, "0000")]);
  if (schema["latest"] !== undefined) texts.push(["after the latest", yearOf(schema, "9999")]);
  if (schema[Kind] === "StoaTimeZone") {
    for (const zone of ["Europe/Atlantis", "+01:00", "GMT+25"]) texts.push(["no time zone", zone]);
  }
  return texts.map(([what, value]) => ({ what, value, at: "" }));
}

/** A day or a time of a year. */
const yearOf = (schema: TSchema, year: string) => `${year}-01-01${schema["format"] === "date" ? "" : "T00:00:00Z"}`;

function badNumbers(schema: TSchema): BadValue[] {
  const bad: BadValue[] = [];
  const { minimum, maximum } = schema as { minimum?: number; maximum?: number };
  if (minimum !== undefined) bad.push({ what: "too small", value: minimum - 1, at: "" });
  if (maximum !== undefined) bad.push({ what: "too large", value: maximum + 1, at: "" });
  return bad;
}

function badLists(schema: TSchema): BadValue[] {
  const items = schema["items"] as TSchema;
  const bad = badValues(items).map(({ what, value, at }) => ({
    what: `an item ${what}`,
    value: [value],
    at: `/0${at}`,
  }));
  const { minItems, maxItems } = schema as { minItems?: number; maxItems?: number };
  if (minItems !== undefined && minItems > 0) bad.push({ what: "too few", value: [], at: "" });
  const many = Array.from({ length: (maxItems ?? 0) + 1 }, () => valid(items));
  if (maxItems !== undefined) bad.push({ what: "too many", value: many, at: "" });
  return bad;
}

function badMembers(schema: TSchema): BadValue[] {
  const whole = valid(schema) as object;
  const bad: BadValue[] = [{ what: "with an unknown member", value: { ...whole, no_such: 1 }, at: "/no_such" }];
  for (const [name, member] of Object.entries(propertiesOf(schema))) {
    for (const { what, value, at } of badValues(member)) {
      bad.push({ what: `with ${name} ${what}`, value: { ...whole, [name]: value }, at: `/${name}${at}` });
    }
  }
  return bad;
}
