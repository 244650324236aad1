import { canonicalJson } from "../canonical-json.ts";
import type { Schema } from "./openapi.ts";

/** What schemas say to the validators alone. */
const own = new Set(["message", "verbatim", "untrimmed", "lines", "reference", "expression", "earliest", "latest"]);

/**
 * A schema as a document shows it: choices of constants as one `enum`, a read-only field of a merge patch (see `Patch`)
 * as the answer has it, and every schema with a `$id` or `title` moved into `schemas`, where it is written once.
 *
 * @param schemas collects what was moved
 */
export function describeSchema(schema: Schema, schemas: Map<string, Schema>): Schema {
  const { documented, readOnly } = schema;
  if (documented !== undefined) {
    return { ...describeSchema(documented as Schema, schemas), ...(readOnly === true && { readOnly }) };
  }
  const { $id, ...rest } = schema;
  const name = [$id, rest["title"]].find((candidate) => typeof candidate === "string");
  // A default belongs to the place where a schema stands, not to its name.
  const { default: fallback, ...named } = rest;
  if (name !== undefined && fallback !== undefined)
    return { ...describeSchema({ $id, ...named }, schemas), default: fallback };
  const shown = Object.entries(rest).filter(([key, value]) => !own.has(key) && !isOursAlone(key, value));
  const parts = Object.fromEntries(shown.map(([key, value]) => [key, part(key, value, schemas)]));
  const plain = asEnum(discriminated(schema, parts));
  if (name === undefined) return plain;
  return { $ref: `#/components/schemas/${place(name, plain, schemas)}` };
}

/**
 * Whether something is a pattern with Unicode properties. Most languages cannot read one, and generators of clients stop at
 * it, so the document leaves it out. Source: JSON Schema 2020-12, Core, section 6.4 (what patterns should be limited to).
 */
const isOursAlone = (key: string, value: unknown) => key === "pattern" && /\\p\{/i.test(String(value));

function part(key: string, value: unknown, schemas: Map<string, Schema>): unknown {
  if (key === "properties" || key === "patternProperties") {
    return Object.fromEntries(
      Object.entries(value as object).map(([name, inner]) => [name, describeSchema(inner, schemas)]),
    );
  }
  if (Array.isArray(value) && ["anyOf", "oneOf", "allOf", "items"].includes(key)) {
    return value.map((inner: Schema) => describeSchema(inner, schemas));
  }
  const nested = ["items", "not", "additionalProperties"].includes(key) && typeof value === "object" && value !== null;
  return nested ? describeSchema(value as Schema, schemas) : value;
}

/** A name that is taken by another schema gets a number. */
function place(name: string, schema: Schema, schemas: Map<string, Schema>): string {
  const wanted = name.replaceAll(/[^\w.-]/g, "");
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? wanted : `${wanted}${count}`;
    const taken = schemas.get(candidate);
    if (taken && canonicalJson(taken) !== canonicalJson(schema)) continue;
    schemas.set(candidate, schema);
    return candidate;
  }
}

/** Choices that a member tells apart: exactly one fits, and the document says which for each value of the member. */
function discriminated(schema: Schema, parts: Schema): Schema {
  const { anyOf, discriminator, ...rest } = parts;
  if (!Array.isArray(anyOf) || discriminator === undefined) return parts;
  const { propertyName } = discriminator as { readonly propertyName: string };
  const choices = schema["anyOf"] as readonly { readonly properties: Record<string, Schema> }[];
  const mapping = choices.map(({ properties }, index) => [properties[propertyName]?.["const"], anyOf[index].$ref]);
  return { ...rest, oneOf: anyOf, discriminator: { propertyName, mapping: Object.fromEntries(mapping) } };
}

function asEnum(schema: Schema): Schema {
  const choices = schema["anyOf"];
  if (!Array.isArray(choices) || choices.length < 2) return schema;
  const constants = choices.filter((choice: Schema) => "const" in choice || choice["type"] === "null");
  if (constants.length < choices.length) return schema;
  const { anyOf: _, ...rest } = schema;
  const types = [...new Set(choices.map((choice: Schema) => choice["type"]))];
  return {
    ...rest,
    type: types.length === 1 ? types[0] : types,
    enum: choices.map((choice: Schema) => choice["const"] ?? null),
  };
}
