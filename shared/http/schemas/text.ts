import { Kind, type SchemaOptions, type TUnsafe, Type, TypeRegistry } from "@sinclair/typebox";
import { type CharacterRules, characterFault } from "../characters.ts";

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
