import { sql } from "@stoa/db";
import { controller, created, idempotent, List, listQuery, operation, type PageQuery, pagePlan } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { readUser } from "../users/read-user.ts";
import { UserParams } from "../users/schema.ts";
import { createRole, readRole } from "./create-role.ts";
import { deleteRole } from "./delete-role.ts";
import { exampleRole, NewRole, Role, RoleNames, RoleParams } from "./schema.ts";
import { setRoles } from "./set-roles.ts";

const about = { access: "superuser", tags: ["administration"] } as const;

/** Roles, and who has them. */
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
      async ({ actor, principal, body, request, set }) => {
        const role = await idempotent(
          deps,
          { principal, request, body, set },
          (claim) => createRole(deps, actor, body, claim),
          (id) => readRole(deps, id),
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
        example: { body: { name: "auditor" }, answer: exampleRole },
      }),
    )
    .delete(
      "/roles/:id",
      ({ actor, params }) => deleteRole(deps, actor, params.id),
      operation({
        id: "roles.delete",
        ...about,
        summary: "Delete a role; it leaves its users",
        description: "Whoever has the role loses it.",
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
      async ({ actor, params, body }) => ({ roles: (await setRoles(deps, actor, params.id, body.roles)).roles }),
      operation({
        id: "users.roles.set",
        ...about,
        summary: "Give a user exactly these roles",
        description: "Roles that are not named are taken away. Access tokens that are out follow within a second.",
        params: UserParams,
        body: RoleNames,
        answer: RoleNames,
        errors: ["not_found", "unknown_role"],
        example: { body: { roles: ["auditor"] }, answer: { roles: ["auditor"] } },
      }),
    );
}

async function listRoles(deps: Pick<Deps, "db" | "cursor_key">, page: PageQuery) {
  const plan = pagePlan(deps.cursor_key, page, {
    name: "roles",
    order: [
      { column: "created_at", direction: "desc" },
      { column: "id", direction: "desc" },
    ],
  });
  const [rows = [], [total] = []] = await deps.db.queryAll([
    sql`select * from roles where ${plan.where} order by ${plan.order} limit ${plan.limit}`,
    ...(plan.count ? [sql`select count(*) as total from roles`] : []),
  ]);
  return plan.finish(rows as Role[], total?.["total"] as number | undefined);
}
