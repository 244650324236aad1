import {
  Kind,
  type SchemaOptions,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
  type TUnion,
  type TUnsafe,
  Type,
  TypeRegistry,
} from "@sinclair/typebox";

/** A text field. */
export interface TextOptions extends SchemaOptions {
  /** The fewest code points, after trimming; 1 when absent. */
  readonly min?: number;
  /** The most code points, after trimming. */
  readonly max: number;
  /** Taken as sent: neither trimmed nor normalised. For passwords and tokens. */
  readonly verbatim?: boolean;
  /** What it must match. */
  readonly pattern?: string;
  /** The sentence for a text that does not match. */
  readonly message?: string;
}

/** Where schemas of Stoa's own kinds keep what is checked. */
interface TextSchema {
  readonly minLength: number;
  readonly maxLength: number;
  readonly expression?: RegExp;
}

TypeRegistry.Set<TextSchema>("StoaText", ({ minLength, maxLength, expression }, value) => {
  if (typeof value !== "string" || value.length < minLength) return false;
  // Code points are at most code units: count only where the units leave it open.
  if ((value.length > maxLength || minLength > 1) && !fits(value, minLength, maxLength)) return false;
  return expression === undefined || expression.test(value);
});

function fits(value: string, min: number, max: number): boolean {
  let length = 0;
  for (const _ of value) if (++length > max) return false;
  return length >= min;
}

/**
 * Text of `min` to `max` code points, counted after trimming at the ends (the front door trims and brings to NFC
 * before it judges, unless the schema says `verbatim`).
 *
 * @example Text({ max: 255 })
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

/** An id: a UUID. In a path, one that is none is an unknown id (404). */
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

TypeRegistry.Set("StoaTime", (_, value) => typeof value === "string" && utc(value) !== undefined);

/** A time: RFC 3339 with any offset; handlers get it in UTC with milliseconds. */
export function Time(options: SchemaOptions = {}): TUnsafe<string> {
  return {
    ...Type.Unsafe<string>({ ...options, type: "string", format: "date-time" }),
    [Kind]: "StoaTime",
  } as TUnsafe<string>;
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

/** A merge patch of these fields: each may be absent. */
type PatchOf<P extends TProperties> = TObject<{ [K in keyof P]: TOptional<P[K]> }>;

/**
 * A merge patch: each of the fields may be absent, and everything else that the resource has may be sent back as it was
 * fetched. What is sent back must equal the present value, which only the use case knows: `refuseReadOnly` says so.
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
  const readOnly = Object.keys(resource.properties).filter((name) => !Object.hasOwn(fields, name));
  const optional: TProperties = {};
  for (const name of readOnly) optional[name] = Type.Optional(Type.Unknown({ readOnly: true }));
  for (const [name, schema] of Object.entries(fields)) optional[name] = Type.Optional(schema);
  const named = title === undefined ? {} : { title };
  return Type.Object(optional, { ...named, additionalProperties: false }) as TSchema as PatchOf<P>;
}
