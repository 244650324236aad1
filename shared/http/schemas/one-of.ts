import { Kind, type SchemaOptions, type TUnsafe, Type, TypeRegistry } from "@sinclair/typebox";

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
