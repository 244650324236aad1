import { controller, created, idempotent, ifMatch, List, listQuery, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { roleExample } from "../examples.ts";
import { readUser } from "../users/read.ts";
import { User, UserParams } from "../users/schema.ts";
import { createRole } from "./create.ts";
import { deleteRole } from "./delete.ts";
import { listRoles, readRole } from "./read.ts";
import { NewRole, Role, RoleNames, RoleParams } from "./schema.ts";
import { setRoles } from "./set.ts";

const about = { access: "superuser", tags: ["administration"] } as const;

/** Roles, and those of users. */
export function roleRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/auth")
    .get(
      "/roles",
      ({ query }) => listRoles(deps, query),
      operation({
        id: "roles.list",
        ...about,
        summary: "List roles",
        description: "Newest first.",
        query: listQuery({}),
        answer: List(Role),
        errors: ["invalid_cursor"],
      }),
    )
    .post(
      "/roles",
      async ({ asked, actor, body, set }) => {
        const role = await idempotent(
          deps,
          asked,
          (claim) => createRole(deps, actor, body, claim),
          (id) => readRole(deps.db, id),
        );
        return created(set, role, `/api/v1/auth/roles/${role.id}`);
      },
      operation({
        id: "roles.create",
        ...about,
        summary: "Create a role",
        description: "A name is unique without case.",
        body: NewRole,
        status: 201,
        answer: Role,
        errors: ["role_taken", "idempotency_key_reused"],
        example: { body: { name: "auditor" }, answer: roleExample },
      }),
    )
    .delete(
      "/roles/:id",
      ({ actor, params }) => deleteRole(deps, actor, params.id),
      operation({
        id: "roles.delete",
        ...about,
        summary: "Delete a role; it leaves its users",
        description: "Every user who has the role loses it.",
        params: RoleParams,
        answer: null,
        errors: ["not_found"],
      }),
    )
    .get(
      "/users/:id/roles",
      async ({ params }) => ({ roles: (await readUser(deps.db, params.id)).roles }),
      operation({
        id: "users.roles.get",
        ...about,
        summary: "Read a user's roles",
        description: "The names of the roles that the user has.",
        params: UserParams,
        answer: RoleNames,
        errors: ["not_found"],
      }),
    )
    .put(
      "/users/:id/roles",
      async ({ actor, params, body, headers }) => {
        const { roles } = await setRoles(deps, actor, params.id, body.roles, ifMatch(headers));
        return { roles };
      },
      operation({
        id: "users.roles.set",
        ...about,
        summary: "Give a user exactly these roles",
        description:
          "Roles that are not named are taken away. Access tokens that are out follow within a second. Tokens carry the names, so that all of them together take at most 4,096 bytes as JSON.",
        params: UserParams,
        body: RoleNames,
        answer: RoleNames,
        resource: User,
        errors: ["not_found", "unknown_role", "version_conflict"],
        example: { body: { roles: ["auditor"] }, answer: { roles: ["auditor"] } },
      }),
    );
}
