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
const changing = {
  ...one,
  description: "For owners and admins. An admin makes no owners and changes none.",
  body: MemberPatch,
  answer: OrganizationMember,
  errors: ["not_found", "forbidden", "last_owner"],
  example: { body: { role: "admin" }, answer: memberExample },
} as const;

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
        ...all,
        summary: "List an organization's members",
        query: listQuery({}),
        answer: List(OrganizationMember),
        errors: ["not_found", "forbidden", "invalid_cursor"],
      }),
    )
    .post(
      "",
      async (context) => {
        const { actor, params, body, set } = context;
        const member = await idempotent(
          deps,
          context,
          (claim) => addMember(deps, actor, params.id, body, claim),
          (user_id) => readMember(deps.db, actor, params.id, user_id),
        );
        return created(set, member, `/api/v1/organizations/${params.id}/members/${member.user_id}`);
      },
      operation({
        ...all,
        summary: "Add a member",
        description: "For owners and admins. An admin makes no owners.",
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
      operation({ ...one, summary: "Read a member", answer: OrganizationMember, errors: ["not_found", "forbidden"] }),
    )
    .patch("/:user_id", change, operation({ ...changing, summary: "Give a member another role" }))
    .delete(
      "/:user_id",
      ({ actor, params }) => removeMember(deps, actor, params.id, params.user_id),
      operation({
        ...one,
        summary: "Remove a member, or leave",
        description: "Anyone may leave. Others are removed by owners and admins; owners by owners alone.",
        answer: null,
        errors: ["not_found", "forbidden", "last_owner"],
      }),
    );
}
