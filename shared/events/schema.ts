import { type TObject, type TProperties, type TSchema, Type } from "@sinclair/typebox";

/** An id of a user, task, conversation … */
export const Id = Type.String();

/** An object with these fields and no other: what an event's data is. */
export function closed<T extends TProperties>(properties: T): TObject<T> {
  return Type.Object(properties, { additionalProperties: false });
}

/** A value or null. */
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
