import {
  type TNull,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
  type TUnion,
  Type,
} from "@sinclair/typebox";
import { isNullable, Nullable } from "./fields.ts";

/** A merge patch of these fields: each may be absent, and null clears one that has a default. */
type PatchOf<P extends TProperties> = TObject<{
  [K in keyof P]: TOptional<P[K] extends { default: unknown } ? TUnion<[P[K], TNull]> : P[K]>;
}>;

/**
 * A merge patch: each of the fields may be absent, and everything else that the resource has may be sent back as it was
 * fetched. What is sent back must equal the present value, which only the use case knows: `refuseReadOnly` says so.
 * A field with a default may be null too: that clears it to its default.
 *
 * @param title its name in documents
 * @example
 * const TaskPatch = Patch({ title: Text({ max: 255 }), due_at: Nullable(Time()) }, Task);
 */
export function Patch<P extends TProperties>(
  fields: P,
  resource: TObject,
  title = resource.title && `${resource.title}Patch`,
): PatchOf<P> {
  const members: TProperties = {};
  for (const [name, documented] of Object.entries(resource.properties)) {
    if (!Object.hasOwn(fields, name)) members[name] = Type.Optional(Type.Unknown({ readOnly: true, documented }));
  }
  for (const [name, { default: fallback, ...schema }] of Object.entries(fields)) {
    members[name] = Type.Optional(fallback === undefined || isNullable(schema) ? schema : Nullable(schema));
  }
  const named = title === undefined ? {} : { title };
  return Type.Object(members, { ...named, additionalProperties: false }) as TSchema as PatchOf<P>;
}
