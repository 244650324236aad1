import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/** One environment variable: how its text becomes a typed value, and what a person should know of it. */
export interface Variable<T = unknown> {
  /** What it takes, to stand after "takes": "a port from 1 to 65535". */
  readonly takes: string;
  /** What it is for, in a line or two; stands in `.env.example`. */
  readonly about: string;
  /** Its text when it is not set; undefined: then there is no value, or one made from others. */
  readonly fallback: string | undefined;
  /** The default in words, where it is not a fixed text. */
  readonly otherwise: string | undefined;
  /** Never shown, not even in an error. */
  readonly secret: boolean;
  /** The value, or undefined when the text is none of this kind. */
  parse(text: string): T | undefined;
}

/** What `T` a variable gives. */
export type ValueOf<V> = V extends Variable<infer T> ? T : never;

/** How texts of one kind are read: converted, then checked against a schema. */
export interface Kind<S extends TSchema> {
  readonly schema: S;
  readonly takes: string;
  readonly secret?: boolean;
  convert?(text: string): unknown;
}

/** A variable with a default: its value is never null. */
export function variable<S extends TSchema>(kind: Kind<S>, about: string, fallback: string): Variable<Static<S>> {
  return { ...parts(kind), about, fallback, otherwise: undefined };
}

/** A variable without a fixed default: null when not set. `otherwise` says what happens then. */
export function optional<S extends TSchema>(
  kind: Kind<S>,
  about: string,
  otherwise: string,
): Variable<Static<S> | null> {
  return { ...parts(kind), about, fallback: undefined, otherwise };
}

function parts<S extends TSchema>(kind: Kind<S>) {
  return {
    takes: kind.takes,
    secret: kind.secret ?? false,
    parse: (text: string): Static<S> | undefined => {
      const value = kind.convert === undefined ? text : kind.convert(text);
      return Value.Check(kind.schema, value) ? value : undefined;
    },
  };
}
