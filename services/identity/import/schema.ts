import { type Static, Type } from "@sinclair/typebox";
import type { FieldError } from "@stoa/errors";
import { Nullable, Text } from "@stoa/http";
import { Registration } from "../users/schema.ts";

const { email, username, full_name } = Registration.properties;

/** A line of an import: a user, with the hash of their password if there is one. */
export const ImportedUser = Type.Object(
  {
    email,
    username,
    full_name,
    password_hash: Type.Optional(Nullable(Text({ max: 512, verbatim: true }))),
    roles: Type.Optional(Type.Array(Text({ max: 255 }), { maxItems: 100 })),
  },
  { title: "ImportedUser" },
);
/** A line of an import. */
export type ImportedUser = Static<typeof ImportedUser>;

/** What became of a line. */
export interface LineOutcome {
  /** From 1; empty lines are counted and not answered. */
  readonly line: number;
  /** `unchanged`: an earlier import added this user, of whom nothing is changed. */
  readonly outcome: "created" | "unchanged" | "refused" | "failed";
  /** The user; null where there is none. */
  readonly id: string | null;
  /** Why the line was refused, or failed. */
  readonly error?: LineError;
}

/** Why a line was refused, as problem documents say it. */
export interface LineError {
  readonly error_code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}
