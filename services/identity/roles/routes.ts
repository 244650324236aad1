import { controller, created, idempotent, List, listQuery, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { roleExample } from "../examples.ts";
import { readUser } from "../users/read.ts";
import { UserParams } from "../users/schema.ts";
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
        ...about,
        summary: "List roles",
        query: listQuery({}),
        answer: List(Role),
        errors: ["invalid_cursor"],
      }),
    )
    .post(
      "/roles",
      async (context) => {
        const { actor, body, set } = context;
        const role = await idempotent(
          deps,
          context,
          (claim) => createRole(deps, actor, body, claim),
          (id) => readRole(deps.db, id),
        );
        return created(set, role, `/api/v1/auth/roles/${role.id}`);
      },
      operation({
        ...about,
        summary: "Create a role",
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
        ...about,
        summary: "Delete a role; it leaves its users",
        params: RoleParams,
        answer: null,
        errors: ["not_found"],
      }),
    )
    .get(
      "/users/:id/roles",
      async ({ params }) => ({ roles: (await readUser(deps.db, params.id)).roles }),
      operation({
        ...about,
        summary: "Read a user's roles",
        params: UserParams,
        answer: RoleNames,
        errors: ["not_found"],
      }),
    )
    .put(
      "/users/:id/roles",
      async ({ actor, params, body }) => ({ roles: (await setRoles(deps, actor, params.id, body.roles)).roles }),
      operation({
        ...about,
        summary: "Give a user exactly these roles",
        params: UserParams,
        body: RoleNames,
        answer: RoleNames,
        errors: ["not_found", "unknown_role"],
        example: { body: { roles: ["auditor"] }, answer: { roles: ["auditor"] } },
      }),
    );
}
