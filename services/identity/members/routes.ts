import { controller, created, idempotent, List, listQuery, operation, type RequestContext } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { memberExample } from "../examples.ts";
import {
  MemberParams,
  MemberPatch,
  NewMember,
  OrganizationMember,
  OrganizationParams,
} from "../organizations/schema.ts";
import { addMember } from "./add.ts";
import { changeMember } from "./change.ts";
import { listMembers } from "./list.ts";
import { readMember } from "./read.ts";
import { removeMember } from "./remove.ts";

const common = { access: "user", tags: ["organizations"] } as const;
const all = { ...common, params: OrganizationParams } as const;
const one = { ...common, params: MemberParams } as const;

/** Members of organizations. */
export function memberRoutes(deps: Deps) {
  const change = ({
    actor,
    params,
    body,
  }: RequestContext & { params: { id: string; user_id: string }; body: MemberPatch }) =>
    changeMember(deps, actor, params.id, params.user_id, body);

  return controller(deps.http, "/api/v1/organizations/:id/members")
    .get(
      "",
      ({ actor, params, query }) => listMembers(deps, actor, params.id, query),
      operation({
        id: "organizations.members.list",
        ...all,
        summary: "List an organization's members",
        description: "For members.",
        query: listQuery({}),
        answer: List(OrganizationMember),
        errors: ["not_found", "forbidden", "invalid_cursor"],
      }),
    )
    .post(
      "",
      async ({ asked, actor, params, body, set }) => {
        const member = await idempotent(
          deps,
          asked,
          (claim) => addMember(deps, actor, params.id, body, claim),
          (user_id) => readMember(deps.db, actor, params.id, user_id),
        );
        return created(set, member, `/api/v1/organizations/${params.id}/members/${member.user_id}`);
      },
      operation({
        id: "organizations.members.add",
        ...all,
        summary: "Add a member",
        description: "For owners and admins; only owners add owners. Name the user by `user_id` or `username`.",
        body: NewMember,
        status: 201,
        answer: OrganizationMember,
        errors: ["not_found", "forbidden", "already_member", "idempotency_key_reused"],
        example: { body: { user_id: memberExample.user_id, role: "admin" }, answer: memberExample },
      }),
    )
    .get(
      "/:user_id",
      ({ actor, params }) => readMember(deps.db, actor, params.id, params.user_id),
      operation({
        id: "organizations.members.get",
        ...one,
        summary: "Read a member",
        description: "For members.",
        answer: OrganizationMember,
        errors: ["not_found", "forbidden"],
      }),
    )
    .patch(
      "/:user_id",
      change,
      operation({
        id: "organizations.members.update",
        ...one,
        description: "For owners and admins; only owners make owners, or change an owner's role.",
        body: MemberPatch,
        answer: OrganizationMember,
        errors: ["not_found", "forbidden", "last_owner"],
        example: { body: { role: "admin" }, answer: memberExample },
        summary: "Give a member another role",
      }),
    )
    .delete(
      "/:user_id",
      ({ actor, params }) => removeMember(deps, actor, params.id, params.user_id),
      operation({
        id: "organizations.members.remove",
        ...one,
        summary: "Remove a member, or leave",
        description:
          "Anyone may leave. Owners and admins remove others; only owners remove owners. The last owner stays.",
        answer: null,
        errors: ["not_found", "forbidden", "last_owner"],
      }),
    );
}
