import {
  Kind,
  type SchemaOptions,
  type Static,
  type TNull,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
  type TUnion,
  type TUnsafe,
  Type,
  TypeRegistry,
} from "@sinclair/typebox";
import { type CharacterRules, characterFault } from "./characters.ts";

/** A text field. */
export interface TextOptions extends SchemaOptions {
  /** The fewest code points, after trimming; 1 when absent. */
  readonly min?: number;
  /** The most code points, after trimming. */
  readonly max: number;
  /** Taken as sent: neither trimmed nor normalized, with any character but NUL. For passwords and tokens. */
  readonly verbatim?: boolean;
  /** Kept as sent apart from NFC: not trimmed. One that may not be empty needs a visible character all the same. */
  readonly untrimmed?: boolean;
  /** May have line breaks and tabs. Other texts are one line, and one that may not be empty needs a visible character. */
  readonly lines?: boolean;
  /** An id, or a word that stands for one: ids are taken in any case. */
  readonly reference?: boolean;
  /** What it must match. */
  readonly pattern?: string;
  /** The sentence for a text that does not match. */
  readonly message?: string;
}

/** Where schemas of Stoa's own kinds keep what is checked. */
interface TextSchema extends CharacterRules {
  readonly maxLength: number;
  readonly expression?: RegExp;
}

TypeRegistry.Set<TextSchema>("StoaText", (schema, value) => {
  if (typeof value !== "string" || !hasLength(value, schema.minLength, schema.maxLength)) return false;
  return (
    characterFault(schema, value) === undefined && (schema.expression === undefined || schema.expression.test(value))
  );
});

/** Whether a text has `min` to `max` code points. It counts no further than that. */
export function hasLength(value: string, min: number, max: number): boolean {
  if (value.length < min) return false;
  // Code points are at most code units: count only where the units leave it open.
  if (value.length <= max && min <= 1) return true;
  let length = 0;
  for (const _ of value) if (++length > max) return false;
  return length >= min;
}

/**
 * Text of `min` to `max` code points, counted after trimming at the ends (a body is trimmed and brought to NFC
 * before it is validated, unless the schema says `verbatim` or `untrimmed`). It is one line unless the schema says `lines`.
 *
 * @example Text({ max: 255 })
 * @example Text({ min: 0, max: 20_000, lines: true })
 */
export function Text({ min = 1, max, pattern, ...options }: TextOptions): TUnsafe<string> {
  const expression = pattern === undefined ? undefined : new RegExp(pattern, "u");
  const schema = { ...options, type: "string", minLength: min, maxLength: max, ...(pattern && { pattern }) };
  if (expression) Object.defineProperty(schema, "expression", { value: expression, enumerable: true });
  return { ...Type.Unsafe<string>(schema), [Kind]: "StoaText" } as TUnsafe<string>;
}

/** A schema, or null: in a merge patch null clears. */
export function Nullable<T extends TSchema>(schema: T): TUnion<[T, ReturnType<typeof Type.Null>]> {
  return Type.Union([schema, Type.Null()]);
}

/** One of these words. */
export function OneOf<const W extends readonly [string, ...string[]]>(
  words: W,
  options: SchemaOptions = {},
): TUnsafe<W[number]> {
  const schema = Type.Unsafe<W[number]>({ ...options, type: "string", enum: [...words] });
  return { ...schema, [Kind]: "StoaOneOf" } as TUnsafe<W[number]>;
}

TypeRegistry.Set<{ enum: readonly string[] }>(
  "StoaOneOf",
  (schema, value) => typeof value === "string" && schema.enum.includes(value),
);

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

TypeRegistry.Set("StoaId", (_, value) => typeof value === "string" && uuid.test(value));

/** An id as it is stored: a UUID in lower case (RFC 9562, section 4). What is no UUID stays as it is. */
export const idAsStored = (text: string): string => (uuid.test(text) ? text.toLowerCase() : text);

/** An id: a UUID in any case; handlers get it in lower case. In a path, one that is none is an unknown id (404). */
export function Id(options: SchemaOptions = {}): TUnsafe<string> {
  return {
    ...Type.Unsafe<string>({ ...options, type: "string", format: "uuid" }),
    [Kind]: "StoaId",
  } as TUnsafe<string>;
}

const rfc3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** The same moment as Stoa writes it: UTC with milliseconds. Undefined for what is no time (RFC 3339, section 5.6). */
export function utc(text: string): string | undefined {
  if (!rfc3339.test(text)) return undefined;
  const day = Number(text.slice(8, 10));
  const month = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
  if (day > month) return undefined;
  const moment = new Date(text.toUpperCase().replace(/:60(?=[.Z+-])/, ":59"));
  return Number.isNaN(moment.getTime()) || moment.getUTCFullYear() > 9999 || moment.getUTCFullYear() < 0
    ? undefined
    : moment.toISOString();
}

/** What a day or a time lies between, both included: written as handlers get it, so that they compare as text. */
interface Span {
  readonly earliest?: string;
  readonly latest?: string;
}

const isWithin = ({ earliest, latest }: Span, text: string) =>
  (earliest === undefined || text >= earliest) && (latest === undefined || text <= latest);

TypeRegistry.Set<Span>("StoaTime", (schema, value) => {
  const time = typeof value === "string" ? utc(value) : undefined;
  return time !== undefined && isWithin(schema, time);
});

/**
 * A time: RFC 3339 with any offset; handlers get it in UTC with milliseconds.
 *
 * @example Time({ earliest: "1970-01-01T00:00:00.000Z" })
 */
export function Time(options: SchemaOptions & Span = {}): TUnsafe<string> {
  return {
    ...Type.Unsafe<string>({ ...options, type: "string", format: "date-time" }),
    [Kind]: "StoaTime",
  } as TUnsafe<string>;
}

/** Whether a text is a day of the calendar, `2026-11-20`: in no time zone, and never moved by one. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && utc(`${text}T00:00:00Z`) !== undefined;
}

TypeRegistry.Set<Span>(
  "StoaDay",
  (schema, value) => typeof value === "string" && isDay(value) && isWithin(schema, value),
);

/** A day of the calendar: `2026-11-20` (RFC 3339, section 5.6, full-date). @example Day({ earliest: "1970-01-01" }) */
export function Day(options: SchemaOptions & Span = {}): TUnsafe<string> {
  return {
    ...Type.Unsafe<string>({ ...options, type: "string", format: "date" }),
    [Kind]: "StoaDay",
  } as TUnsafe<string>;
}

/** The longest name that is looked at; the longest in the IANA database has 32 characters. */
const longestZone = 64;

/** Whether a text names a time zone of the IANA database that this runtime knows; an offset does not. */
export function isTimeZone(text: string): boolean {
  if (text.length > longestZone || !/^[A-Za-z]/.test(text)) return false;
  try {
    return Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

TypeRegistry.Set("StoaTimeZone", (_, value) => typeof value === "string" && isTimeZone(value));

/** A time zone by its name in the IANA database: `Europe/Berlin`. */
export function TimeZone(options: SchemaOptions = {}): TUnsafe<string> {
  const schema = { ...options, type: "string", minLength: 1, maxLength: longestZone, message: "This is no time zone." };
  return { ...Type.Unsafe<string>(schema), [Kind]: "StoaTimeZone" } as TUnsafe<string>;
}

/** How often a resource was changed, from 1: its `ETag`, which `If-Match` compares. */
export const Version = Type.Integer({ minimum: 1, description: "How often it was changed, from 1: its `ETag`." });

/** An optional integer in a query: decimal digits, nothing else. */
export function QueryInteger(options: { minimum?: number; maximum?: number; default?: number; description?: string }) {
  return Type.Optional(Type.Integer(options));
}

/** An optional boolean in a query: `true` or `false`, nothing else. */
export function QueryBoolean(options: { default?: boolean; description?: string } = {}) {
  return Type.Optional(Type.Boolean(options));
}

/** An optional text in a query. */
export function QueryText(options: TextOptions): TOptional<TUnsafe<string>> {
  return Type.Optional(Text(options));
}

/** An optional word of a list in a query. */
export function QueryOneOf<const W extends readonly [string, ...string[]]>(words: W, options: SchemaOptions = {}) {
  return Type.Optional(OneOf(words, options));
}

/**
 * Several of one kind in a query, parted by commas: one of them is enough. A text that has a comma or begins with a quote
 * stands in quotes, with its own quotes doubled: `label="a, b",c` (as in RFC 4180, section 2).
 */
export function QueryList<T extends TSchema>(item: T, options: SchemaOptions = {}) {
  return Type.Optional(Type.Array(item, { minItems: 1, maxItems: 100, ...options }));
}

/** An id in any case, or one of a few words that stand for one; handlers get ids in lower case. */
export function Reference(words: readonly [string, ...string[]], options: Pick<SchemaOptions, "description"> = {}) {
  const pattern = `^(?:${words.join("|")}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`;
  const [last, ...before] = words.toReversed();
  const message = `This must be ${["an id (a UUID)", ...before.toReversed()].join(", ")} or ${last}.`;
  return Text({ max: 36, pattern, message, reference: true, ...options });
}

/** Users in a query: ids, `me` for the asker, `none` for nobody. {@link QueryList} */
export function QueryUsers(options: SchemaOptions & { description: string }) {
  const description = `${options.description} \`me\` is the asker, \`none\` nobody.`;
  return QueryList(Reference(["me", "none"]), { ...options, description });
}

/** A schema with a default: what a new resource has where nothing is said, and what null clears the field to. */
export type Defaulted<S extends TSchema, D> = S & { readonly default: D };

/** Gives a schema a default. */
export function withDefault<S extends TSchema, const D extends Static<S>>(schema: S, value: D): Defaulted<S, D> {
  return { ...schema, default: value };
}

/** The same schema with a sentence of its own, for one place where it stands. */
export function described<S extends TSchema>(schema: S, description: string): S {
  return { ...schema, description };
}

/** The same fields, each of which may be absent. */
export function optional<P extends TProperties>(fields: P): { [K in keyof P]: TOptional<P[K]> } {
  const entries = Object.entries(fields).map(([name, schema]) => [name, Type.Optional(schema)]);
  return Object.fromEntries(entries) as { [K in keyof P]: TOptional<P[K]> };
}

/** What fields are where nothing is said: their default, or null where they may be null. Others have no entry. */
type DefaultsOf<P extends TProperties> = {
  [K in keyof P as P[K] extends { default: unknown } ? K : null extends Static<P[K]> ? K : never]: Static<P[K]>;
};

/** @see DefaultsOf */
export function defaultsOf<P extends TProperties>(fields: P): DefaultsOf<P> {
  const entries = Object.entries(fields).flatMap(([name, schema]) => {
    if (schema["default"] !== undefined) return [[name, schema["default"]]];
    return isNullable(schema) ? [[name, null]] : [];
  });
  return Object.fromEntries(entries) as DefaultsOf<P>;
}

function isNullable(schema: TSchema): boolean {
  return ((schema["anyOf"] ?? []) as TSchema[]).some(({ type }) => type === "null");
}

/** A merge patch of these fields: each may be absent, and null clears one that has a default. */
type PatchOf<P extends TProperties> = TObject<{
  [K in keyof P]: TOptional<P[K] extends { default: unknown } ? TUnion<[P[K], TNull]> : P[K]>;
}>;

/**
 * A merge patch: each of the fields may be absent, and everything else that the resource has may be sent back as it was
 * fetched. What is sent back must equal the present value, which only the use case knows: `refuseReadOnly` says so.
 * A field with a default may be null too: that clears it to its default.
 *
 * @param title its name in documents
 * @example
 * const TaskPatch = Patch({ title: Text({ max: 255 }), due_at: Nullable(Time()) }, Task);
 */
export function Patch<P extends TProperties>(
  fields: P,
  resource: TObject,
  title = resource.title && `${resource.title}Patch`,
): PatchOf<P> {
  const members: TProperties = {};
  for (const [name, documented] of Object.entries(resource.properties)) {
    if (!Object.hasOwn(fields, name)) members[name] = Type.Optional(Type.Unknown({ readOnly: true, documented }));
  }
  for (const [name, { default: fallback, ...schema }] of Object.entries(fields)) {
    members[name] = Type.Optional(fallback === undefined || isNullable(schema) ? schema : Nullable(schema));
  }
  const named = title === undefined ? {} : { title };
  return Type.Object(members, { ...named, additionalProperties: false }) as TSchema as PatchOf<P>;
}
