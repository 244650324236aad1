import { Kind, type TSchema } from "@sinclair/typebox";
import { type FieldError, MOST_ERRORS, StoaError } from "@stoa/errors";
import { normalize, pointer } from "./normalize.ts";
import { validatorOf } from "./validator.ts";

/** Reads the query of one route: `search` without its question mark. */
export type QueryReader = (search: string, anyCase?: boolean) => Record<string, unknown>;

/** What a route gets that has no query. Frozen: it is shared. */
export const emptyQuery: Record<string, unknown> = Object.freeze({});

/**
 * Elysia's own reading of a query takes `0x10`, `1e1` and repeated parameters; this takes what the schema says and
 * nothing else. Lists are one parameter with commas.
 *
 * @throws StoaError `validation_failed`, naming every parameter at fault.
 */
export function queryReader(open: TSchema | undefined): QueryReader {
  const properties = (open?.["properties"] ?? {}) as Readonly<Record<string, TSchema>>;
  const validator = open && validatorOf(open, {});
  const defaults = Object.entries(properties).filter(([, schema]) => schema["default"] !== undefined);
  const required = ((open?.["required"] ?? []) as readonly string[]).length > 0;
  return (search, anyCase = false) => {
    if (search === "" && defaults.length === 0 && !required) return emptyQuery;
    const errors: FieldError[] = [];
    const query = search === "" ? {} : read(search, properties, errors, anyCase);
    for (const [name, schema] of defaults) query[name] ??= schema["default"];
    if (validator) {
      const named = new Set(errors.map(({ path }) => path));
      errors.push(...validator.validate(query, "/query").filter(({ path }) => !named.has(path)));
    }
    if (errors.length > 0) throw new StoaError("validation_failed", { errors });
    return query;
  };
}

function read(
  search: string,
  properties: Readonly<Record<string, TSchema>>,
  errors: FieldError[],
  anyCase: boolean,
): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const part of search.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = decode(equals === -1 ? part : part.slice(0, equals));
    const text = equals === -1 ? "" : decode(part.slice(equals + 1));
    const path = `/query/${pointer((name ?? "").toWellFormed())}`;
    const refuse = (message: string) => {
      if (errors.length < MOST_ERRORS) errors.push({ path, message });
    };
    if (name === undefined) refuse("This parameter's name is not percent-encoded UTF-8.");
    else if (!Object.hasOwn(properties, name)) refuse("This parameter is not known here.");
    else if (text === undefined) refuse("This is not percent-encoded UTF-8.");
    else if (Object.hasOwn(query, name)) refuse("This parameter is given twice.");
    else {
      const schema = properties[name] as TSchema;
      const types = typesOf(schema);
      const sent = isTime(schema) ? text.replace(/ (?=\d\d:\d\d$)/, "+") : text;
      const normalized = normalize(types.includes("array") ? listOf(text) : sent, schema, anyCase);
      for (const { message } of normalized.errors) refuse(message);
      // Only text is trimmed: ` 5` is no number.
      if (types.includes("array")) query[name] = itemsOf(normalized.value as string[], schema);
      else query[name] = coerce(types.includes("string") ? (normalized.value as string) : text, schema);
    }
  }
  return query;
}

/** Where a plus sign that was not encoded, and so reads as a space, can only be that of an offset. */
function isTime(schema: TSchema): boolean {
  return schema[Kind] === "StoaTime" || schema["format"] === "date-time";
}

/** The text as the schema's type, or as text where it is none: the schema then refuses it. */
function coerce(text: string, schema: TSchema): unknown {
  const types = typesOf(schema);
  if (types.includes("integer") && /^-?\d+$/.test(text)) {
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : text;
  }
  if (types.includes("number") && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (types.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  return text;
}

/**
 * The items of a list with commas. One in quotes may have commas, and quotes that are doubled (RFC 4180, section 2); a
 * quote anywhere else is a character as any other.
 */
function listOf(text: string): string[] {
  if (text.trim() === "") return [];
  if (!text.includes('"')) return text.split(",");
  const items: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const [item, end] = itemAt(text, at);
    items.push(item);
    at = end + 1;
  }
  return items;
}

/** The item of a list that begins here, and where it ends. */
function itemAt(text: string, at: number): readonly [item: string, end: number] {
  const comma = (from: number) => {
    const found = text.indexOf(",", from);
    return found === -1 ? text.length : found;
  };
  const plain = [text.slice(at, comma(at)), comma(at)] as const;
  if (text[at] !== '"') return plain;
  let item = "";
  for (let from = at + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return plain;
    item += text.slice(from, quote);
    if (text[quote + 1] !== '"') return quote + 1 === comma(quote + 1) ? [item, quote + 1] : plain;
    item += '"';
    from = quote + 2;
  }
}

function itemsOf(items: readonly string[], schema: TSchema): unknown[] {
  const item = (schema["items"] ?? {}) as TSchema;
  return items.map((text) => coerce(text, item));
}

function typesOf(schema: TSchema): unknown[] {
  const anyOf = schema["anyOf"] as TSchema[] | undefined;
  return anyOf ? anyOf.flatMap(typesOf) : [schema["type"]];
}

function decode(text: string): string | undefined {
  if (!text.includes("%") && !text.includes("+")) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
