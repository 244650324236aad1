import { Kind, type TSchema } from "@sinclair/typebox";
import { type ValueError, ValueErrorType } from "@sinclair/typebox/errors";
import { Value } from "@sinclair/typebox/value";
import { type FieldError, MOST_ERRORS } from "@stoa/errors";
import { type CharacterRules, characterFault } from "./characters.ts";
import { hasLength, isDay, utc } from "./schemas/index.ts";

/** What is wrong with each field of a value that a schema refuses, one sentence for each field. */
export function sentences(schema: TSchema, value: unknown, prefix = ""): readonly FieldError[] {
  const found = new Map<string, string>();
  collect(schema, value, prefix, found);
  return [...found].map(([path, message]) => ({ path, message }));
}

function collect(schema: TSchema, value: unknown, prefix: string, found: Map<string, string>): void {
  for (const error of Value.Errors(schema, shortened(schema, value))) {
    if (found.size >= MOST_ERRORS) return;
    const path = prefix + error.path;
    const branch = branchFor(error);
    if (branch) collect(branch, error.value, path, found);
    else if (!found.has(path)) found.set(path, sentenceFor(error));
  }
}

/**
 * The value with lists that are too long cut behind the first item too many: what is wrong stays wrong, and the time
 * does not grow with what was sent. TypeBox goes through all items of a list, and hashes them where they must differ.
 */
function shortened(schema: TSchema, value: unknown): unknown {
  const maxItems: unknown = schema["maxItems"];
  if (Array.isArray(value))
    return typeof maxItems === "number" && value.length > maxItems ? value.slice(0, maxItems + 1) : value;
  const properties = schema["properties"] as Record<string, TSchema> | undefined;
  if (!properties || typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const kept: unknown = inner ? shortened(inner, member) : member;
    Object.defineProperty(copy, name, { value: kept, enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

/** The branch of a union that the value was meant for: the only one that is not null, or the only one of its kind. */
function branchFor({ schema, value }: ValueError): TSchema | undefined {
  const anyOf = schema["anyOf"] as TSchema[] | undefined;
  if (!anyOf || value === undefined || value === null) return undefined;
  const others = anyOf.filter((s) => s["type"] !== "null");
  if (others.length === 1) return wordsOf(schema) ? undefined : others[0];
  const sameKind = others.filter((s) => s["type"] === kindOf(value));
  return sameKind.length === 1 && kindOf(value) === "object" ? sameKind[0] : undefined;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value;
}

function sentenceFor({ type, schema, value }: ValueError): string {
  switch (type) {
    case ValueErrorType.ObjectRequiredProperty:
      return "This field is required.";
    case ValueErrorType.ObjectAdditionalProperties:
      return "This field is not known here.";
    case ValueErrorType.ArrayMinItems:
      return `This must have at least ${count(schema["minItems"], "item")}.`;
    case ValueErrorType.ArrayMaxItems:
      return `This must have at most ${count(schema["maxItems"], "item")}.`;
    case ValueErrorType.ArrayUniqueItems:
      return "This must not name the same item twice.";
    case ValueErrorType.IntegerMinimum:
    case ValueErrorType.NumberMinimum:
      return `This must be at least ${schema["minimum"]}.`;
    case ValueErrorType.IntegerMaximum:
    case ValueErrorType.NumberMaximum:
      return `This must be at most ${schema["maximum"]}.`;
    case ValueErrorType.IntegerExclusiveMinimum:
    case ValueErrorType.NumberExclusiveMinimum:
      return `This must be more than ${schema["exclusiveMinimum"]}.`;
    case ValueErrorType.IntegerExclusiveMaximum:
    case ValueErrorType.NumberExclusiveMaximum:
      return `This must be less than ${schema["exclusiveMaximum"]}.`;
    case ValueErrorType.StringMinLength:
    case ValueErrorType.StringMaxLength:
      return lengthSentence(schema);
    case ValueErrorType.ObjectMinProperties:
      return `This must have at least ${count(schema["minProperties"], "member")}.`;
    default:
      return typeSentence(schema, value);
  }
}

function typeSentence(schema: TSchema, value: unknown): string {
  if (schema[Kind] === "StoaText" && typeof value === "string" && !isMisfit(schema, value)) {
    const fault = characterFault(schema as TSchema & CharacterRules, value);
    if (fault !== undefined) return fault;
  }
  if (typeof schema["message"] === "string" && typeof value === "string" && !isMisfit(schema, value))
    return schema["message"];
  if (schema["const"] !== undefined) return `This must be ${JSON.stringify(schema["const"])}.`;
  const words = wordsOf(schema);
  if (words) return `This must be one of ${words.join(", ")}.`;
  if (schema[Kind] === "StoaId" || schema["format"] === "uuid") return "This must be an id (a UUID).";
  if (schema[Kind] === "StoaTime" || schema["format"] === "date-time")
    return spanSentence(schema, value, utc) ?? "This must be a time as RFC 3339 has it: 2026-11-20T09:00:00Z.";
  if (schema["format"] === "date") return spanSentence(schema, value, dayOf) ?? "This must be a day: 2026-11-20.";
  if (schema["format"] === "email") return "This must be an e-mail address.";
  if (schema["type"] === "string" && typeof value === "string") {
    return isMisfit(schema, value) ? lengthSentence(schema) : "This is not of the form it must have.";
  }
  const name = names[String(schema["type"])];
  if (name) return `This must be ${name}.`;
  return "This is not of a kind that is taken here.";
}

const dayOf = (text: string) => (isDay(text) ? text : undefined);

/** What a time or a day that is one lies outside of. */
function spanSentence(
  { earliest, latest }: TSchema,
  value: unknown,
  read: (text: string) => string | undefined,
): string | undefined {
  const moment = typeof value === "string" ? read(value) : undefined;
  if (moment === undefined) return undefined;
  if (earliest !== undefined && moment < earliest) return `This must not be before ${earliest}.`;
  return latest === undefined ? undefined : `This must not be after ${latest}.`;
}

const names: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};

function isMisfit(schema: TSchema, value: string): boolean {
  return !hasLength(value, Number(schema["minLength"] ?? 0), Number(schema["maxLength"] ?? Number.POSITIVE_INFINITY));
}

function lengthSentence(schema: TSchema): string {
  const min = Number(schema["minLength"] ?? 0);
  const max = schema["maxLength"];
  if (max === undefined)
    return min === 1 ? "This must not be empty." : `This must have at least ${count(min, "character")}.`;
  return min === 0
    ? `This must have at most ${count(max, "character")}.`
    : `This must have ${min} to ${count(max, "character")}.`;
}

function wordsOf(schema: TSchema): readonly string[] | undefined {
  if (Array.isArray(schema["enum"])) return schema["enum"].map(String);
  const anyOf = schema["anyOf"] as TSchema[] | undefined;
  if (!anyOf?.every((s) => s["const"] !== undefined || s["type"] === "null")) return undefined;
  return anyOf.map((s) => (s["type"] === "null" ? "null" : String(s["const"])));
}

function count(n: unknown, noun: string): string {
  return `${String(n)} ${noun}${n === 1 ? "" : "s"}`;
}
