import { type SchemaOptions, type TOptional, type TSchema, type TUnsafe, Type } from "@sinclair/typebox";
import { Reference } from "./id.ts";
import { OneOf } from "./one-of.ts";
import { Text, type TextOptions } from "./text.ts";

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

/** Users in a query: ids, `me` for the asker, `none` for nobody. {@link QueryList} */
export function QueryUsers(options: SchemaOptions & { description: string }) {
  const description = `${options.description} \`me\` is the asker, \`none\` nobody.`;
  return QueryList(Reference(["me", "none"]), { ...options, description });
}
