import type { Static } from "@sinclair/typebox";
import { ProjectRole } from "@stoa/events";
import { t } from "elysia";

const closed = { additionalProperties: false } as const;
const Nullable = <const S extends Parameters<typeof t.Union>[0][number]>(schema: S) => t.Union([schema, t.Null()]);

/** A member of a project, as others see them. */
export const Member = t.Object(
  {
    user_id: t.String(),
    username: Nullable(t.String()),
    full_name: Nullable(t.String()),
    is_active: t.Boolean(),
    role: ProjectRole,
  },
  closed,
);
/** A member of a project, as others see them. */
export type Member = Static<typeof Member>;

/** A project, as the asker sees it: `role` is theirs. */
export const Project = t.Object(
  {
    id: t.String(),
    key: t.String(),
    name: t.String(),
    description: Nullable(t.String()),
    organization_id: Nullable(t.String()),
    role: ProjectRole,
    members: t.Array(Member),
    version: t.Integer(),
    created_at: t.String(),
    updated_at: t.String(),
    deleted_at: Nullable(t.String()),
  },
  closed,
);
/** A project, as the asker sees it. */
export type Project = Static<typeof Project>;
