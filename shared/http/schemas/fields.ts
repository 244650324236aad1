import { type Static, type TOptional, type TProperties, type TSchema, type TUnion, Type } from "@sinclair/typebox";

/** A schema, or null: in a merge patch null clears. */
export function Nullable<T extends TSchema>(schema: T): TUnion<[T, ReturnType<typeof Type.Null>]> {
  return Type.Union([schema, Type.Null()]);
}

/** How often a resource was changed, from 1: its `ETag`, which `If-Match` compares. */
export const Version = Type.Integer({ minimum: 1, description: "How often it was changed, from 1: its `ETag`." });

/** A schema with a default: what a new resource has where nothing is said, and what null clears the field to. */
export type Defaulted<S extends TSchema, D> = S & { readonly default: D };

/** Gives a schema a default. */
export function withDefault<S extends TSchema, const D extends Static<S>>(schema: S, value: D): Defaulted<S, D> {
  return { ...schema, default: value };
}

/** The same schema with a sentence of its own, for one place where it stands. */
export function described<S extends TSchema>(schema: S, description: string): S {
  return { ...schema, description };
}

/** The same fields, each of which may be absent. */
export function optional<P extends TProperties>(fields: P): { [K in keyof P]: TOptional<P[K]> } {
  const entries = Object.entries(fields).map(([name, schema]) => [name, Type.Optional(schema)]);
  return Object.fromEntries(entries) as { [K in keyof P]: TOptional<P[K]> };
}

/** What fields are where nothing is said: their default, or null where they may be null. Others have no entry. */
type DefaultsOf<P extends TProperties> = {
  [K in keyof P as P[K] extends { default: unknown } ? K : null extends Static<P[K]> ? K : never]: Static<P[K]>;
};

/** @see DefaultsOf */
export function defaultsOf<P extends TProperties>(fields: P): DefaultsOf<P> {
  const entries = Object.entries(fields).flatMap(([name, schema]) => {
    if (schema["default"] !== undefined) return [[name, schema["default"]]];
    return isNullable(schema) ? [[name, null]] : [];
  });
  return Object.fromEntries(entries) as DefaultsOf<P>;
}

/** Whether null is one of the values that a schema takes. */
export function isNullable(schema: TSchema): boolean {
  return ((schema["anyOf"] ?? []) as TSchema[]).some(({ type }) => type === "null");
}
