import type { Actor } from "@stoa/auth";
import { type AnswerSettings, controller, created, idempotent, ifMatch, List, operation, tagged } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { userExample } from "../examples.ts";
import { removeFactorOf } from "../mfa/change.ts";
import { changeUsers } from "./bulk.ts";
import { changeUser } from "./change.ts";
import { disableUser, enableUser } from "./disable.ts";
import { eraseUser } from "./erase.ts";
import { listUsers } from "./list.ts";
import { readUser } from "./read.ts";
import { register } from "./register.ts";
import { BulkChange, NewUser, SuperuserChange, User, UserParams, UserPatch, Users, UsersQuery } from "./schema.ts";
import { setSuperuser } from "./set-superuser.ts";

const about = { access: "superuser", tags: ["administration"], params: UserParams, answer: User } as const;

const changing = {
  ...about,
  description: `A merge patch. A new e-mail replaces the old one at once. Unless \`email_verified\` is sent too, it is not
verified, and a mail asks its reader to confirm it. Another mail tells the old address. Their sessions end.`,
  body: UserPatch,
  errors: ["not_found", "username_taken", "email_taken", "version_conflict"],
  example: { body: { email: "ada@example.org", email_verified: true }, answer: userExample },
} as const;

/** What superusers do with users. */
export function adminRoutes(deps: Deps) {
  const change = async (context: {
    actor: Actor;
    params: { id: string };
    body: UserPatch;
    request: Request;
    set: AnswerSettings;
  }) => {
    const { actor, params, body, request, set } = context;
    return tagged(set, await changeUser(deps, actor, params.id, body, ifMatch(request.headers)));
  };

  return controller(deps.http, "/api/v1/auth/users")
    .get(
      "",
      ({ query }) => listUsers(deps, query),
      operation({
        id: "users.list",
        access: "superuser",
        summary: "List users",
        description: "Newest first. The filters narrow the list together.",
        tags: about.tags,
        query: UsersQuery,
        answer: List(User),
        errors: ["invalid_cursor"],
      }),
    )
    .post(
      "",
      async ({ asked, cause, body, set }) => {
        const added = await idempotent(
          deps,
          asked,
          (claim) => register(deps, cause, { ...body, source: "admin" }, claim),
          (id) => readUser(deps.db, id),
        );
        return created(set, added, `/api/v1/auth/users/${added.id}`);
      },
      operation({
        id: "users.create",
        access: "superuser",
        summary: "Add a user",
        description:
          "Like a registration. Unless `email_verified` is sent, a mail asks the user to confirm the address.",
        tags: about.tags,
        body: NewUser,
        status: 201,
        answer: User,
        errors: [
          "weak_password",
          "email_taken",
          "username_taken",
          "unknown_role",
          "idempotency_key_reused",
          "not_implemented",
        ],
        example: {
          body: { email: "grace@example.com", password: "seven compilers before breakfast", full_name: "Grace Hopper" },
          answer: { ...userExample, username: "grace", email: "grace@example.com", full_name: "Grace Hopper" },
        },
      }),
    )
    .post(
      "/bulk",
      async ({ actor, body }) => ({ items: await changeUsers(deps, actor, body) }),
      operation({
        id: "users.bulk",
        access: "superuser",
        summary: "Disable, enable or log out up to 200 users",
        description: "All of them are changed, or none. The answer has the users in the order of the ids.",
        tags: about.tags,
        body: BulkChange,
        answer: Users,
        errors: ["not_found", "last_superuser"],
        example: { body: { ids: [userExample.id], action: "logout" }, answer: { items: [userExample] } },
      }),
    )
    .get(
      "/:id",
      async ({ params, set }) => tagged(set, await readUser(deps.db, params.id)),
      operation({
        id: "users.get",
        ...about,
        summary: "Read a user",
        description: "All that superusers may know of a user. Passwords and second factors are never shown.",
        errors: ["not_found"],
      }),
    )
    .patch(
      "/:id",
      change,
      operation({
        id: "users.update",
        ...changing,
        summary: "Change a user's name, bio, username or e-mail",
      }),
    )
    .delete(
      "/:id",
      ({ actor, params, headers }) => eraseUser(deps, actor, params.id, ifMatch(headers)),
      operation({
        id: "users.delete",
        ...about,
        summary: "Erase a user",
        description:
          "What is known of the person is erased, everywhere. The address may register again as someone new. This cannot be undone.",
        answer: null,
        resource: User,
        errors: ["not_found", "last_superuser", "version_conflict"],
      }),
    )
    .delete(
      "/:id/mfa",
      ({ actor, params }) => removeFactorOf(deps, actor, params.id),
      operation({
        id: "users.mfa.delete",
        ...about,
        summary: "Remove a user's second factor, which they have lost",
        description:
          "Its recovery codes go too, and the password alone logs in until they enrol another. Make sure first that it is them who asks. It takes your own login within the last ten minutes, or a proof at `POST /api/v1/auth/reauthenticate`.",
        answer: null,
        errors: ["not_found", "step_up_required", "mfa_not_enabled"],
      }),
    )
    .put(
      "/:id/disable",
      async ({ actor, params, headers, set }) =>
        tagged(set, await disableUser(deps, actor, params.id, ifMatch(headers))),
      operation({
        id: "users.disable",
        ...about,
        summary: "Disable a user",
        description:
          "Their sessions end, no token of theirs is taken any more, and they cannot log in until they are enabled again.",
        errors: ["not_found", "last_superuser", "version_conflict"],
      }),
    )
    .put(
      "/:id/enable",
      async ({ actor, params, headers, set }) =>
        tagged(set, await enableUser(deps, actor, params.id, ifMatch(headers))),
      operation({
        id: "users.enable",
        ...about,
        summary: "Enable a user again",
        description: "They can log in again, and failed logins are forgotten. Their earlier sessions stay ended.",
        errors: ["not_found", "version_conflict"],
      }),
    )
    .put(
      "/:id/superuser",
      async ({ actor, params, body, headers, set }) => {
        // Older clients may send no body at all.
        const { is_superuser }: { is_superuser?: boolean } = body ?? {};
        return tagged(set, await setSuperuser(deps, actor, params.id, is_superuser, ifMatch(headers)));
      },
      operation({
        id: "users.superuser.set",
        ...about,
        summary: "Make a user superuser, or no longer",
        description:
          "Superusers may do everything, everywhere. Access tokens that are out follow within a second. Somebody must stay an active superuser.",
        body: SuperuserChange,
        olderWithoutBody: true,
        errors: ["not_found", "last_superuser", "version_conflict"],
      }),
    );
}
