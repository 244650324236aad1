import type { TSchema } from "@sinclair/typebox";

/** A copy of a schema whose objects take no unknown members, at every depth, unless they say otherwise. */
export function closed<S extends TSchema>(schema: S): S {
  const copy: TSchema & Record<string | symbol, unknown> = { ...(schema as TSchema) };
  if (isSchemaMap(schema["properties"])) {
    copy["properties"] = Object.fromEntries(Object.entries(schema["properties"]).map(([name, s]) => [name, closed(s)]));
    copy["additionalProperties"] ??= false;
  }
  for (const key of ["items", "not"]) {
    const inner: unknown = schema[key];
    if (Array.isArray(inner)) copy[key] = inner.map((s: TSchema) => closed(s));
    else if (isSchema(inner)) copy[key] = closed(inner);
  }
  for (const key of ["anyOf", "oneOf"]) {
    const inner: unknown = schema[key];
    if (Array.isArray(inner)) copy[key] = inner.map((s: TSchema) => closed(s));
  }
  if (isSchemaMap(schema["patternProperties"])) {
    copy["patternProperties"] = Object.fromEntries(
      Object.entries(schema["patternProperties"]).map(([pattern, s]) => [pattern, closed(s)]),
    );
  }
  return copy as S;
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === "object" && value !== null;
}

function isSchemaMap(value: unknown): value is Record<string, TSchema> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
