import { Type } from "@sinclair/typebox";
import { controller, created, idempotent, List, operation, pageQuery } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { memberExample as example } from "../examples.ts";
import { Member, MemberParams, NewMember, ProjectParams } from "../projects/schema.ts";
import { listMembers } from "./list.ts";
import { putMember } from "./put.ts";
import { readMember } from "./read.ts";
import { removeMember } from "./remove.ts";

const common = { access: "user", tags: ["projects"] } as const;

/** Members of projects. */
export const memberRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/projects/:id/users")
    .get(
      "",
      ({ actor, params, query }) => listMembers(deps, actor, params.id, query),
      operation({
        id: "projects.members.list",
        ...common,
        summary: "List a project's members",
        description: "For members.",
        params: ProjectParams,
        query: Type.Object(pageQuery),
        answer: List(Member),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { items: [example], next_cursor: null } },
      }),
    )
    .post(
      "",
      async ({ asked, actor, body, params, set }) => {
        const { member, added } = await idempotent(
          deps,
          asked,
          (claim) => putMember(deps, actor, params.id, body, claim),
          async (user_id) => ({ member: await readMember(deps.db, actor, params.id, user_id), added: true }),
        );
        if (added) return created(set, member, `/api/v1/projects/${params.id}/users/${member.user_id}`);
        set.status = 200;
        return member;
      },
      operation({
        id: "projects.members.add",
        ...common,
        summary: "Add a member, or change a member's role",
        description:
          "For owners. Name the user by `user_id` or `username`. 201 when they were added, 200 when they were a member before.",
        params: ProjectParams,
        body: NewMember,
        status: 201,
        otherStatus: 200,
        answer: Member,
        errors: ["not_found", "forbidden", "last_owner", "idempotency_key_reused"],
        example: { body: { username: "grace", role: "developer" }, answer: example },
      }),
    )
    .get(
      "/:user_id",
      ({ actor, params }) => readMember(deps.db, actor, params.id, params.user_id),
      operation({
        id: "projects.members.get",
        ...common,
        summary: "Read a member",
        description: "For members.",
        params: MemberParams,
        answer: Member,
        errors: ["not_found", "forbidden"],
        example: { answer: example },
      }),
    )
    .delete(
      "/:user_id",
      async ({ actor, params }) => removeMember(deps, actor, params.id, params.user_id),
      operation({
        id: "projects.members.remove",
        ...common,
        summary: "Take a member out of a project, or leave it",
        description: "Owners remove others; anyone may leave. The last active owner stays.",
        params: MemberParams,
        answer: null,
        errors: ["not_found", "forbidden", "last_owner"],
      }),
    );
