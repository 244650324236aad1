import { type SchemaOptions, type TSchema, Type } from "@sinclair/typebox";

/** Documented as what it is and not checked again, for it comes from our own tables: a check of each id costs. */
const answered = <T>(schema: SchemaOptions) => Type.Unsafe<T>(Type.Any(schema));

/** An id in an answer. */
export const AnsweredId = answered<string>({ type: "string", format: "uuid" });
/** RFC 3339, UTC, milliseconds. */
export const AnsweredTime = answered<string>({ type: "string", format: "date-time" });
/** One of these words. */
export const AnsweredWord = <const W extends readonly string[]>(words: W) =>
  answered<W[number]>({ type: "string", enum: [...words] });
/** A value or null. */
export const OrNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
