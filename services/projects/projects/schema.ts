import { type Static, Type } from "@sinclair/typebox";
import { ProjectRole } from "@stoa/events";
import { Id, Nullable, Time, Version } from "@stoa/http";

const closed = { additionalProperties: false } as const;

/** A member of a project, as others see them. */
export const Member = Type.Object(
  {
    user_id: Id({ description: "The member." }),
    username: Nullable(Type.String()),
    full_name: Nullable(Type.String()),
    is_active: Type.Boolean({ description: "False: disabled, and cannot log in." }),
    role: ProjectRole,
  },
  { ...closed, title: "ProjectMember" },
);
/** A member of a project, as others see them. */
export type Member = Static<typeof Member>;

/** A project, as the asker sees it: `role` is theirs. */
export const Project = Type.Object(
  {
    id: Id(),
    key: Type.String({ description: "Begins the keys of its tasks: `APP` of `APP-12`. It never changes." }),
    name: Type.String(),
    description: Nullable(Type.String()),
    organization_id: Nullable(Id({ description: "The organization that it belongs to." })),
    role: ProjectRole,
    members: Type.Array(Member),
    version: Version,
    created_at: Time(),
    updated_at: Time(),
    deleted_at: Nullable(Time({ description: "Since when it is in the trash." })),
  },
  { ...closed, title: "Project", description: "A project. `role` is your own role in it." },
);
/** A project, as the asker sees it. */
export type Project = Static<typeof Project>;
