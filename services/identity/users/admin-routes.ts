import type { Actor } from "@stoa/auth";
import { type AnswerSettings, controller, created, idempotent, ifMatch, List, operation, tagged } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { userExample } from "../examples.ts";
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
  description: `A new e-mail is theirs at once, not verified unless that is sent too: a mail asks its reader to
confirm, another tells the old address.`,
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
        access: "superuser",
        summary: "List users",
        tags: about.tags,
        query: UsersQuery,
        answer: List(User),
        errors: ["invalid_cursor"],
      }),
    )
    .post(
      "",
      async (context) => {
        const { cause, body, set } = context;
        const added = await idempotent(
          deps,
          context,
          (claim) => register(deps, cause, { ...body, source: "admin" }, claim),
          (id) => readUser(deps.db, id),
        );
        return created(set, added, `/api/v1/auth/users/${added.id}`);
      },
      operation({
        access: "superuser",
        summary: "Add a user",
        description:
          "As /auth/register does; unless `email_verified` is sent, a mail asks them to confirm their address.",
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
          body: { email: "ada@example.com", password: "brave new analytical engine", roles: ["auditor"] },
          answer: { ...userExample, roles: ["auditor"] },
        },
      }),
    )
    .post(
      "/bulk",
      async ({ actor, body }) => ({ items: await changeUsers(deps, actor, body) }),
      operation({
        access: "superuser",
        summary: "Disable, enable or log out up to 200 users",
        description: "All of them or none. Answers with the users in the order of the ids.",
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
      operation({ ...about, summary: "Read a user", errors: ["not_found"] }),
    )
    .patch("/:id", change, operation({ ...changing, summary: "Change a user's name, bio, username or e-mail" }))
    .delete(
      "/:id",
      ({ actor, params }) => eraseUser(deps, actor, params.id),
      operation({ ...about, summary: "Erase a user", answer: null, errors: ["not_found", "last_superuser"] }),
    )
    .put(
      "/:id/disable",
      async ({ actor, params, set }) => tagged(set, await disableUser(deps, actor, params.id)),
      operation({ ...about, summary: "Shut a user out", errors: ["not_found", "last_superuser"] }),
    )
    .put(
      "/:id/enable",
      async ({ actor, params, set }) => tagged(set, await enableUser(deps, actor, params.id)),
      operation({ ...about, summary: "Let a user in again", errors: ["not_found"] }),
    )
    .put(
      "/:id/superuser",
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
