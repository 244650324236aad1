import { type Static, Type } from "@sinclair/typebox";
import { Id, Nullable, Text } from "@stoa/http";

/** A role that users may have. */
export const Role = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    description: Nullable(Type.String()),
    created_at: Type.String(),
  },
  { title: "Role" },
);
/** A role that users may have. */
export type Role = Static<typeof Role>;

const Name = Text({ max: 255 });

/** Body of POST /auth/roles. */
export const NewRole = Type.Object(
  {
    name: Name,
    description: Type.Optional(Nullable(Text({ min: 0, max: 20_000, lines: true }))),
  },
  { title: "NewRole" },
);
/** A role to be. */
export type NewRole = Static<typeof NewRole>;

/** Body and answer of /auth/users/{id}/roles: the roles of a user, by name. */
export const RoleNames = Type.Object({ roles: Type.Array(Name, { maxItems: 100 }) }, { title: "RoleNames" });

/** Path of one role. */
export const RoleParams = Type.Object({ id: Id() });
