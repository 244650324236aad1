import type { TSchema } from "@sinclair/typebox";
import { sample } from "@stoa/http/docs/sample";
import type { Sending } from "./ask.ts";
import type { Operation } from "./operations.ts";

/** A body that matches the operation's schema: its example, or one that is generated from the schema. */
export function bodyOf({ spec }: Operation): Record<string, unknown> | undefined {
  if (!spec.body || spec.mediaType !== undefined) return undefined;
  return (spec.example?.body ?? valid(spec.body)) as Record<string, unknown>;
}

/** A valid body and its media type, for operations that have one. */
export function goodBody(operation: Operation): Pick<Sending, "json" | "raw" | "headers"> {
  const { body, mediaType, example } = operation.spec;
  if (!body) return {};
  if (mediaType === undefined) return { json: bodyOf(operation) };
  return { raw: String(example?.body ?? ""), headers: { "content-type": mediaType } };
}

/** A value that matches a schema, without optional members. */
export function valid(schema: TSchema, name = ""): unknown {
  const anyOf = schema["anyOf"] as TSchema[] | undefined;
  if (anyOf) return valid(anyOf[0] as TSchema, name);
  if (schema["type"] !== "object") return sample(schema, name);
  const required = (schema["required"] ?? []) as string[];
  return Object.fromEntries(required.map((field) => [field, valid(propertiesOf(schema)[field] as TSchema, field)]));
}

/** The properties of an object's schema. */
export function propertiesOf(schema: TSchema | undefined): Readonly<Record<string, TSchema>> {
  return (schema?.["properties"] ?? {}) as Record<string, TSchema>;
}

/** The JSON types that a schema allows; empty when it allows any. */
export function typesOf(schema: TSchema): string[] {
  const anyOf = schema["anyOf"] as TSchema[] | undefined;
  if (anyOf) return anyOf.flatMap(typesOf);
  return typeof schema["type"] === "string" ? [schema["type"]] : [];
}

/** A schema, or of a nullable schema the part that is not null. */
export function solid(schema: TSchema): TSchema {
  const others = ((schema["anyOf"] ?? []) as TSchema[]).filter((choice) => choice["type"] !== "null");
  return others.length === 1 ? (others[0] as TSchema) : schema;
}

/** The required parameters of an operation's query, each with a value. */
export function neededParts({ spec }: Operation): string[] {
  const parameters = propertiesOf(spec.query);
  return ((spec.query?.["required"] ?? []) as string[]).map((name) => {
    const item = parameters[name]?.["items"] as TSchema | undefined;
    if (item?.["format"] === "uuid") return `${name}=${sample(item, name)}`;
    return `${name}=${item ? "me" : "ada"}`;
  });
}

/** A query string with the required parameters of an operation. */
export function neededSearch(operation: Operation): string {
  return neededParts(operation).join("&");
}
