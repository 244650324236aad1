import { controller, List, listQuery, operation, QueryBoolean, QueryText, tagged } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { eraseUser } from "./erase-user.ts";
import { listUsers } from "./list-users.ts";
import { readUser } from "./read-user.ts";
import { ProfilePatch, SuperuserChange, User, UserParams } from "./schema.ts";
import { disableUser, enableUser } from "./set-active.ts";
import { setSuperuser } from "./set-superuser.ts";
import { updateProfile } from "./update-profile.ts";

const about = { access: "superuser", tags: ["Administration"], params: UserParams, answer: User } as const;

/** Users in the hands of superusers. */
export function adminRoutes(deps: Deps) {
  return controller(deps.http)
    .get(
      "/api/v1/auth/users",
      ({ query }) => listUsers(deps, query),
      operation({
        access: "superuser",
        summary: "List users",
        tags: about.tags,
        query: listQuery({
          q: QueryText({ max: 255, description: "Part of a username, e-mail or name." }),
          is_active: QueryBoolean(),
          is_superuser: QueryBoolean(),
          role: QueryText({ max: 255 }),
        }),
        answer: List(User),
        errors: ["invalid_cursor"],
      }),
    )
    .get(
      "/api/v1/auth/users/:id",
      async ({ params, set }) => tagged(set, await readUser(deps.db, params.id)),
      operation({ ...about, summary: "Read a user", errors: ["not_found"] }),
    )
    .patch(
      "/api/v1/auth/users/:id",
      async ({ cause, params, body, request, set }) =>
        tagged(set, await updateProfile(deps, { cause, user_id: params.id, patch: body, headers: request.headers })),
      operation({
        ...about,
        summary: "Change a user's name, bio or username",
        body: ProfilePatch,
        errors: ["not_found", "username_taken", "version_conflict"],
      }),
    )
    .delete(
      "/api/v1/auth/users/:id",
      ({ actor, params }) => eraseUser(deps, actor, params.id),
      operation({ ...about, summary: "Erase a user", answer: null, errors: ["not_found", "last_superuser"] }),
    )
    .put(
      "/api/v1/auth/users/:id/disable",
      async ({ actor, params, set }) => tagged(set, await disableUser(deps, actor, params.id)),
      operation({ ...about, summary: "Shut a user out", errors: ["not_found", "last_superuser"] }),
    )
    .put(
      "/api/v1/auth/users/:id/enable",
      async ({ actor, params, set }) => tagged(set, await enableUser(deps, actor, params.id)),
      operation({ ...about, summary: "Let a user in again", errors: ["not_found"] }),
    )
    .put(
      "/api/v1/auth/users/:id/superuser",
      async ({ actor, params, body, set }) =>
        tagged(set, await setSuperuser(deps, actor, params.id, body.is_superuser)),
      operation({
        ...about,
        summary: "Make a user superuser, or no longer",
        body: SuperuserChange,
        errors: ["not_found", "last_superuser"],
      }),
    );
}
