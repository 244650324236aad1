import { type Static, Type } from "@sinclair/typebox";
import { ProjectRole } from "@stoa/events";
import { Nullable } from "@stoa/http";

const closed = { additionalProperties: false } as const;

/** A member of a project, as others see them. */
export const Member = Type.Object(
  {
    user_id: Type.String(),
    username: Nullable(Type.String()),
    full_name: Nullable(Type.String()),
    is_active: Type.Boolean(),
    role: ProjectRole,
  },
  { ...closed, title: "ProjectMember" },
);
/** A member of a project, as others see them. */
export type Member = Static<typeof Member>;

/** A project, as the asker sees it: `role` is theirs. */
export const Project = Type.Object(
  {
    id: Type.String(),
    key: Type.String(),
    name: Type.String(),
    description: Nullable(Type.String()),
    organization_id: Nullable(Type.String()),
    role: ProjectRole,
    members: Type.Array(Member),
    version: Type.Integer(),
    created_at: Type.String(),
    updated_at: Type.String(),
    deleted_at: Nullable(Type.String()),
  },
  { ...closed, title: "Project" },
);
/** A project, as the asker sees it. */
export type Project = Static<typeof Project>;
