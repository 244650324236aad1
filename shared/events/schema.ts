import { type TObject, type TProperties, type TSchema, Type } from "@sinclair/typebox";

/** An id of a user, task, conversation … */
export const Id = Type.String();

/** An object with these fields and no other: what an event's data is. */
export function closed<T extends TProperties>(properties: T): TObject<T> {
  return Type.Object(properties, { additionalProperties: false });
}

/**
 * A field that events always have by now, and that those of an earlier version may lack: they stay in journals for ever, and
 * are read again when projections are rebuilt.
 */
export function added<T extends TSchema>(schema: T): T {
  return { ...schema, [ADDED]: true };
}

/** A symbol, since documents show what has a name. */
const ADDED = Symbol("added");

/** Whether a field was {@link added}. */
export function isAdded(field: TSchema | undefined): boolean {
  return field !== undefined && ADDED in field;
}

/** A value or null. */
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
