import { type Static, Type } from "@sinclair/typebox";
import type { FieldError } from "@stoa/errors";
import { Id, Nullable, OneOf, QueryBoolean, Text, Time } from "@stoa/http";
import { Registration } from "../users/schema.ts";

const { email, username, full_name } = Registration.properties;

/** A line of an import: a user, with the hash of their password if there is one. */
export const ImportedUser = Type.Object(
  {
    email: Nullable({
      ...email,
      description: "Null: they have none here, and are known by the username, which is then required.",
    }),
    username,
    full_name,
    password_hash: Type.Optional(
      Nullable(
        Text({
          max: 512,
          verbatim: true,
          description: "Of bcrypt, argon2, PBKDF2 or Firebase's scrypt; without one, they choose a password.",
        }),
      ),
    ),
    roles: Type.Optional(
      Type.Array(Text({ max: 255 }), {
        maxItems: 100,
        description: "Names of roles that exist, together at most 4,096 bytes as JSON.",
      }),
    ),
    is_active: Type.Optional(Type.Boolean({ default: true, description: "False: they cannot log in." })),
    email_verified: Type.Optional(
      Type.Boolean({ default: false, description: "Whether the address is known to be theirs." }),
    ),
    created_at: Type.Optional(
      Time({
        earliest: "1970-01-01T00:00:00.000Z",
        description: "When they registered where they come from, from 1970 on; now unless given, and never later.",
      }),
    ),
  },
  { title: "ImportedUser" },
);
/** A line of an import. */
export type ImportedUser = Static<typeof ImportedUser>;

const LineFieldError = Type.Object({
  path: Type.String({ description: "A JSON pointer into the line." }),
  message: Type.String({ description: "A sentence about the field, for people." }),
});

/** The query of an import. */
export const ImportQuery = Type.Object({
  dry_run: QueryBoolean({ description: "Answers what would become of each line, and adds nobody." }),
});

/** Why a line was refused, as problem documents say it. */
export const LineError = Type.Object(
  {
    error_code: Type.String({ description: "As in problem documents." }),
    detail: Type.String({ description: "A sentence about this case, for people." }),
    errors: Type.Optional(
      Type.Unsafe<readonly FieldError[]>(Type.Array(LineFieldError, { description: "Each field at fault." })),
    ),
  },
  { title: "ImportLineError", description: "Why the line was refused, or failed." },
);
/** Why a line was refused, as problem documents say it. */
export type LineError = Static<typeof LineError>;

/** What became of a line. */
export const LineOutcome = Type.Object(
  {
    line: Type.Integer({ minimum: 1, description: "From 1; empty lines are counted and not answered." }),
    outcome: OneOf(["created", "unchanged", "refused", "failed"], {
      description: "`unchanged`: an earlier import added this user, of whom nothing is changed.",
    }),
    id: Nullable(Id({ description: "The user; null where there is none, as for one who would be created." })),
    error: Type.Optional(LineError),
  },
  { title: "ImportLineOutcome" },
);
/** What became of a line. */
export type LineOutcome = Static<typeof LineOutcome>;
