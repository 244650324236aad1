import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/** One environment variable: how its text becomes a typed value, and what an operator should know about it. */
export interface Variable<T = unknown> {
  /** What it takes, as it reads after the word "takes": "a port from 1 to 65535". */
  readonly takes: string;
  /** What it is for, in a line or two; shown in `.env.example`. */
  readonly about: string;
  /** The text that is used when it is not set. Undefined means: no value, or one derived from other settings. */
  readonly fallback: string | undefined;
  /** The default in words, when it is not a fixed text. */
  readonly otherwise: string | undefined;
  /** Whether its value is never shown, not even in an error. */
  readonly secret: boolean;
  /** The value, or undefined when the text is invalid. */
  parse(text: string): T | undefined;
}

/** The type of a variable's value. */
export type ValueOf<V> = V extends Variable<infer T> ? T : never;

/** How the texts of one kind of variable are read: they are converted, then checked against a schema. */
export interface Kind<S extends TSchema> {
  readonly schema: S;
  readonly takes: string;
  readonly secret?: boolean;
  convert?(text: string): unknown;
}

/** A variable with a default, so that its value is never null. */
export function variable<S extends TSchema>(kind: Kind<S>, about: string, fallback: string): Variable<Static<S>> {
  return { ...parts(kind), about, fallback, otherwise: undefined };
}

/** A variable without a fixed default. Its value is null when it is not set; `otherwise` says what happens then. */
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
