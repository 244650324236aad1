import type { Actor } from "@stoa/auth";
import {
  type AnswerSettings,
  controller,
  created,
  idempotent,
  List,
  listQuery,
  operation,
  type RequestContext,
  Text,
  tagged,
} from "@stoa/http";
import type { Static } from "elysia";
import type { Deps } from "../deps.ts";
import { changePassword } from "./change-password.ts";
import { searchDirectory } from "./directory.ts";
import { eraseOneself } from "./erase-user.ts";
import { readUser } from "./read-user.ts";
import { register } from "./register.ts";
import { DirectoryEntry, Erasure, exampleUser, OwnProfilePatch, PasswordChange, Registration, User } from "./schema.ts";
import { updateProfile } from "./update-profile.ts";

const tags = ["users"];

const registering = {
  access: "anyone",
  tags,
  limit: "registration",
  body: Registration,
  status: 201,
  answer: User,
  errors: ["weak_password", "email_taken", "username_taken", "idempotency_key_reused", "not_implemented"],
  description:
    "Creates a user, who logs in next. The username is made from the e-mail unless it is given. Both are unique without case.",
  example: { body: { email: "ada@example.com", password: "brave new analytical engine" }, answer: exampleUser },
} as const;

const reading = {
  access: "user",
  summary: "Read one's own user",
  description: "The user that the access token belongs to.",
  tags,
  answer: User,
} as const;
const changing = {
  access: "user",
  tags,
  body: OwnProfilePatch,
  answer: User,
  errors: ["username_taken", "email_taken", "step_up_required", "version_conflict"],
  description: `A merge patch. A new e-mail stands in \`pending_email\` until it is confirmed by the token that is mailed to
it. A new e-mail takes a login within the last ten minutes, or a proof at \`POST /api/v1/auth/reauthenticate\`.`,
  example: { body: { full_name: "Ada Lovelace" }, answer: exampleUser },
} as const;

const erasing = {
  access: "user",
  summary: "Erase oneself",
  description:
    "What is known of the person is erased, everywhere. The address may register again as someone new. This cannot be undone.",
  tags,
  limit: "login",
  body: Erasure,
  answer: null,
  errors: ["wrong_password", "login_throttled", "last_superuser", "not_implemented"],
  example: { body: { password: "brave new analytical engine" } },
} as const;

/** Registration, one's own user, and the directory. */
export function userRoutes(deps: Deps) {
  const add = async (
    context: RequestContext & { body: Static<typeof Registration>; request: Request; set: AnswerSettings },
  ) => {
    const { cause, principal, body, request, set } = context;
    const { name, ...user } = body;
    const input = { ...user, full_name: user.full_name ?? name, source: "self" } as const;
    const registered = await idempotent(
      deps,
      { principal, request, body, set },
      (claim) => register(deps, cause, input, claim),
      (id) => readUser(deps.db, id),
    );
    return created(set, registered, `/api/v1/auth/users/${registered.id}`);
  };
  const read = async ({ actor, set }: { actor: Actor; set: AnswerSettings }) =>
    tagged(set, await readUser(deps.db, actor.user_id));
  const change = async (context: {
    actor: Actor;
    body: Static<typeof OwnProfilePatch>;
    request: Request;
    set: AnswerSettings;
  }) => {
    const { actor, body, request, set } = context;
    return tagged(set, await updateProfile(deps, actor, body, request.headers));
  };

  return controller(deps.http, "/api/v1")
    .post(
      "/auth/register",
      add,
      operation({
        id: "auth.register",
        ...registering,
        summary: "Register",
      }),
    )
    .post(
      "/auth/signup",
      add,
      operation({
        id: "auth.signup",
        deprecated: "auth.register",
        ...registering,
        summary: "Register",
      }),
    )
    .get(
      "/auth/me",
      read,
      operation({
        id: "me.get",
        ...reading,
      }),
    )
    .get(
      "/users/me",
      read,
      operation({
        id: "users.me.get",
        deprecated: "me.get",
        ...reading,
      }),
    )
    .patch(
      "/auth/me",
      change,
      operation({
        id: "me.update",
        ...changing,
        summary: "Change one's own user",
      }),
    )
    .patch(
      "/users/me",
      change,
      operation({
        id: "users.me.update",
        deprecated: "me.update",
        ...changing,
        summary: "Change one's own user",
      }),
    )
    .delete(
      "/auth/me",
      ({ actor, body }) => eraseOneself(deps, actor, body.password),
      operation({
        id: "me.delete",
        ...erasing,
      }),
    )
    .delete(
      "/users/me",
      ({ actor, body }) => eraseOneself(deps, actor, body.password),
      operation({
        id: "users.me.delete",
        deprecated: "me.delete",
        ...erasing,
      }),
    )
    .put(
      "/auth/me/password",
      ({ actor, body }) => changePassword(deps, actor, body),
      operation({
        id: "me.password.set",
        access: "user",
        summary: "Change one's password; every other session ends",
        description: "This session goes on. All others end, and their tokens are refused from then on.",
        tags,
        limit: "login",
        body: PasswordChange,
        answer: null,
        errors: ["wrong_password", "login_throttled", "weak_password", "not_implemented"],
      }),
    )
    .get(
      "/auth/directory",
      ({ actor, query }) => searchDirectory(deps, actor.user_id, query),
      operation({
        id: "directory.list",
        access: "user",
        summary: "Find users by name",
        description:
          "Finds those who share an organization with you by how their username or name begins, and anyone by their exact username.",
        tags,
        query: listQuery({
          q: Text({ max: 255, description: "How a username or name begins, or an exact username." }),
        }),
        answer: List(DirectoryEntry),
        errors: ["invalid_cursor"],
      }),
    );
}
