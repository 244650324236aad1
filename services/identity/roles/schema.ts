import { type Static, Type } from "@sinclair/typebox";
import { Id, Nullable, Text, Time } from "@stoa/http";

/** A role that users may have. */
export const Role = Type.Object(
  {
    id: Id(),
    name: Type.String(),
    description: Nullable(Type.String()),
    created_at: Time(),
  },
  { title: "Role" },
);
/** A role that users may have. */
export type Role = Static<typeof Role>;

const Name = Text({
  max: 255,
  description: "Unique without case. Access tokens carry it: a short one leaves room for others.",
});

/** Body of POST /auth/roles. */
export const NewRole = Type.Object(
  {
    name: Name,
    description: Type.Optional(Nullable(Text({ min: 0, max: 20_000, lines: true }))),
  },
  { title: "NewRole" },
);
/** The body of POST /auth/roles. */
export type NewRole = Static<typeof NewRole>;

/** Body and answer of /auth/users/{id}/roles: the roles of a user, by name. */
export const RoleNames = Type.Object(
  {
    roles: Type.Array(Text({ max: 255 }), {
      maxItems: 100,
      description: "Names of roles, together at most 4,096 bytes as JSON.",
    }),
  },
  { title: "RoleNames" },
);

/** Path of one role. */
export const RoleParams = Type.Object({ id: Id({ description: "A role." }) });
