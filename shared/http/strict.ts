import { Kind, type TSchema } from "@sinclair/typebox";

/** A copy of a schema whose objects take no unknown members, at every depth, unless they say otherwise. */
export function strict<S extends TSchema>(schema: S): S {
  return copied(schema, same) as S;
}

/**
 * A schema for what we answer: without unknown members, and its texts (ids, times, words) checked as text alone. What they hold is our
 * own rows, checked when written; looking at each again took a fifth of the time of a list of 20.
 */
export function answerSchema(schema: TSchema): TSchema {
  return copied(schema, (leaf) => {
    if (!String(leaf[Kind]).startsWith("Stoa")) return leaf;
    const { minLength, maxLength, lines, pattern, expression, format, enum: words, ...rest } = leaf;
    return { ...rest, [Kind]: "String" } as TSchema;
  });
}

const same = (leaf: TSchema) => leaf;

function copied(schema: TSchema, leaf: (schema: TSchema) => TSchema): TSchema {
  const copy: TSchema & Record<string, unknown> = { ...leaf(schema) };
  const inner = (s: TSchema) => copied(s, leaf);
  const members = (map: Record<string, TSchema>) =>
    Object.fromEntries(Object.entries(map).map(([name, s]) => [name, inner(s)]));
  if (copy["properties"]) {
    copy["properties"] = members(copy["properties"]);
    copy["additionalProperties"] ??= false;
  }
  if (copy["patternProperties"]) copy["patternProperties"] = members(copy["patternProperties"]);
  for (const key of ["items", "anyOf", "oneOf"]) {
    const value: unknown = copy[key];
    if (Array.isArray(value)) copy[key] = value.map(inner);
    else if (typeof value === "object" && value !== null) copy[key] = inner(value as TSchema);
  }
  return copy;
}
