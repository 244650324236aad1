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

const Name = Text({ max: 255, description: "Unique without case." });

/** A role to be. */
export const NewRole = Type.Object(
  {
    name: Name,
    description: Type.Optional(Nullable(Text({ min: 0, max: 20_000 }))),
  },
  { title: "NewRole" },
);

/** The roles of a user, by name. */
export const RoleNames = Type.Object(
  { roles: Type.Array(Text({ max: 255 }), { maxItems: 100, description: "Names of roles." }) },
  { title: "RoleNames" },
);

/** A role's id in a path. */
export const RoleParams = Type.Object({ id: Id({ description: "A role." }) });

/** What the documentation shows. */
export const exampleRole = {
  id: "019aa0f0-5e6f-7a80-91b2-c3d4e5f60718",
  name: "auditor",
  description: "Reads what happened.",
  created_at: "2026-11-20T09:00:00.000Z",
} satisfies Role;
