import { Kind, type TSchema } from "@sinclair/typebox";
import type { Operation } from "./operations.ts";
import { bodyOf, propertiesOf, solid } from "./samples.ts";

/**
 * A valid body whose free texts are all as long as they may be, of one character. Undefined for an operation that has
 * none.
 *
 * @param character one code point; four bytes in UTF-8 are the most that a character takes in JSON
 */
export function largestBody(operation: Operation, character: string): Record<string, unknown> | undefined {
  const texts = Object.entries(propertiesOf(operation.spec.body)).flatMap(([name, field]) => {
    const value = largest(solid(field), character);
    return value === undefined ? [] : [[name, value] as const];
  });
  return texts.length === 0 ? undefined : { ...bodyOf(operation), ...Object.fromEntries(texts) };
}

function largest(schema: TSchema, character: string): unknown {
  if (schema["type"] === "array" && typeof schema["maxItems"] === "number") {
    const items = schema["items"] as TSchema;
    if (!isFree(items)) return undefined;
    // Numbered, since a list may not name the same item twice.
    return Array.from({ length: schema["maxItems"] }, (_, index) =>
      `${index}`.padEnd(items["maxLength"] as number).replaceAll(" ", character),
    );
  }
  return isFree(schema) ? character.repeat(schema["maxLength"] as number) : undefined;
}

function isFree(schema: TSchema): boolean {
  return schema[Kind] === "StoaText" && !schema["verbatim"] && schema["pattern"] === undefined;
}
