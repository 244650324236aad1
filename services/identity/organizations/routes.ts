import {
  type AnswerSettings,
  controller,
  created,
  idempotent,
  ifMatch,
  List,
  operation,
  type RequestContext,
  tagged,
} from "@stoa/http";
import type { Deps } from "../deps.ts";
import { organizationExample } from "../examples.ts";
import { changeOrganization } from "./change.ts";
import { createOrganization } from "./create.ts";
import { deleteOrganization } from "./delete.ts";
import { listOrganizations } from "./list.ts";
import { readOrganization } from "./read.ts";
import { NewOrganization, Organization, OrganizationParams, OrganizationPatch, OrganizationsQuery } from "./schema.ts";

const common = { access: "user", tags: ["organizations"] } as const;
const one = { ...common, params: OrganizationParams } as const;

/** Organizations. */
export function organizationRoutes(deps: Deps) {
  const change = async (
    context: RequestContext & {
      params: { id: string };
      body: OrganizationPatch;
      request: Request;
      set: AnswerSettings;
    },
  ) => {
    const { actor, params, body, request, set } = context;
    return tagged(set, await changeOrganization(deps, actor, params.id, body, ifMatch(request.headers)));
  };

  return controller(deps.http, "/api/v1/organizations")
    .get(
      "",
      ({ actor, query }) => listOrganizations(deps, actor, query),
      operation({
        id: "organizations.list",
        ...common,
        summary: "List your organizations",
        description: "Newest first. A superuser sees all.",
        query: OrganizationsQuery,
        answer: List(Organization),
        errors: ["invalid_cursor"],
      }),
    )
    .post(
      "",
      async ({ asked, actor, body, set }) => {
        const organization = await idempotent(
          deps,
          asked,
          (claim) => createOrganization(deps, actor, body, claim),
          (id) => readOrganization(deps.db, actor, id),
        );
        return created(set, organization, `/api/v1/organizations/${organization.id}`);
      },
      operation({
        id: "organizations.create",
        ...common,
        summary: "Create an organization",
        description: "You become its owner. The slug is made from the name unless it is given.",
        body: NewOrganization,
        status: 201,
        answer: Organization,
        errors: ["slug_taken", "idempotency_key_reused"],
        example: { body: { name: "Analytical Engines" }, answer: organizationExample },
      }),
    )
    .get(
      "/:id",
      async ({ actor, params, set }) => tagged(set, await readOrganization(deps.db, actor, params.id)),
      operation({
        id: "organizations.get",
        ...one,
        summary: "Read an organization",
        description: "For members. `role` is your own.",
        answer: Organization,
        errors: ["not_found", "forbidden"],
      }),
    )
    .patch(
      "/:id",
      change,
      operation({
        id: "organizations.update",
        ...one,
        description: "For owners and admins. A merge patch; a slug is unique without case.",
        body: OrganizationPatch,
        answer: Organization,
        errors: ["not_found", "forbidden", "slug_taken", "version_conflict"],
        example: {
          body: { name: "Difference Engines" },
          answer: { ...organizationExample, name: "Difference Engines" },
        },
        summary: "Change an organization",
      }),
    )
    .delete(
      "/:id",
      ({ actor, params, headers }) => deleteOrganization(deps, actor, params.id, ifMatch(headers)),
      operation({
        id: "organizations.delete",
        ...one,
        summary: "Delete an organization",
        description: "For owners. Memberships and invitations end; its projects go to the trash.",
        answer: null,
        resource: Organization,
        errors: ["not_found", "forbidden", "version_conflict"],
      }),
    );
}
