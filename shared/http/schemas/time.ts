import { Kind, type SchemaOptions, type TUnsafe, Type, TypeRegistry } from "@sinclair/typebox";

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
