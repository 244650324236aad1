import { Kind, type SchemaOptions, type TUnsafe, Type, TypeRegistry } from "@sinclair/typebox";
import { Text } from "./text.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

TypeRegistry.Set("StoaId", (_, value) => typeof value === "string" && uuid.test(value));

/** An id as it is stored: a UUID in lower case (RFC 9562, section 4). What is no UUID stays as it is. */
export const idAsStored = (text: string): string => (uuid.test(text) ? text.toLowerCase() : text);

/** An id: a UUID in any case; handlers get it in lower case. In a path, one that is none is an unknown id (404). */
export function Id(options: SchemaOptions = {}): TUnsafe<string> {
  return {
    ...Type.Unsafe<string>({ ...options, type: "string", format: "uuid" }),
    [Kind]: "StoaId",
  } as TUnsafe<string>;
}

/** An id in any case, or one of a few words that stand for one; handlers get ids in lower case. */
export function Reference(words: readonly [string, ...string[]], options: Pick<SchemaOptions, "description"> = {}) {
  const pattern = `^(?:${words.join("|")}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`;
  const [last, ...before] = words.toReversed();
  const message = `This must be ${["an id (a UUID)", ...before.toReversed()].join(", ")} or ${last}.`;
  return Text({ max: 36, pattern, message, reference: true, ...options });
}
