import type { Static } from "@sinclair/typebox";
import type { Actor } from "@stoa/auth";
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
import { userExample } from "../examples.ts";
import { changeOwnUser } from "./change-own.ts";
import { changePassword } from "./change-password.ts";
import { searchDirectory } from "./directory.ts";
import { eraseOneself } from "./erase.ts";
import { readUser } from "./read.ts";
import { registerOneself } from "./register-oneself.ts";
import { DirectoryEntry, DirectoryQuery, Erasure, OwnUserPatch, PasswordChange, Registration, User } from "./schema.ts";

const tags = ["users"];

const registering = {
  access: "anyone",
  tags,
  limit: "registration",
  body: Registration,
  status: 201,
  answer: User,
  errors: [
    "registration_closed",
    "forbidden",
    "invalid_ticket",
    "weak_password",
    "email_taken",
    "username_taken",
    "idempotency_key_reused",
    "not_implemented",
  ],
  description: `Creates a user, who logs in next. The username is made from the e-mail unless it is given. Both are unique without
case. Where \`REGISTRATION\` is \`invited\`, it takes the token of an invitation that was mailed to this address. An invitation
verifies the address and stays open, to be accepted after the login.`,
  example: { body: { email: "ada@example.com", password: "brave new analytical engine" }, answer: userExample },
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
  body: OwnUserPatch,
  answer: User,
  errors: ["username_taken", "email_taken", "step_up_required", "version_conflict"],
  description: `A merge patch. A new e-mail stands in \`pending_email\` until it is confirmed by the token that is mailed to
it. A new e-mail takes a login within the last ten minutes, or a proof at \`POST /api/v1/auth/reauthenticate\`, by the second factor if
there is one. \`pending_email: null\`, or the present address as \`email\`, takes it back.`,
  example: { body: { full_name: "Ada Lovelace" }, answer: userExample },
} as const;

const erasing = {
  access: "user",
  summary: "Erase oneself",
  description:
    "What is known of the person is erased, everywhere. The address may register again as someone new. This cannot be undone. With a second factor, it takes a session that has proven it.",
  tags,
  limit: "login",
  body: Erasure,
  answer: null,
  errors: ["wrong_password", "step_up_required", "login_throttled", "last_superuser", "not_implemented"],
  example: { body: { password: "brave new analytical engine" } },
} as const;

/** Registration, one's own user, and the directory. */
export function userRoutes(deps: Deps) {
  const add = async (
    context: RequestContext & { body: Static<typeof Registration>; request: Request; set: AnswerSettings },
  ) => {
    const { cause, body, set } = context;
    const registered = await idempotent(
      deps,
      context,
      (claim) => registerOneself(deps, cause, body, claim),
      (id) => readUser(deps.db, id),
    );
    return created(set, registered, `/api/v1/auth/users/${registered.id}`);
  };
  const read = async ({ actor, set }: { actor: Actor; set: AnswerSettings }) =>
    tagged(set, await readUser(deps.db, actor.user_id));
  const change = async (context: { actor: Actor; body: OwnUserPatch; request: Request; set: AnswerSettings }) => {
    const { actor, body, request, set } = context;
    return tagged(set, await changeOwnUser(deps, actor, body, ifMatch(request.headers)));
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
        description:
          "This session goes on. All others end, and their tokens are refused from then on. With a second factor, it takes a session that has proven it.",
        tags,
        limit: "login",
        body: PasswordChange,
        answer: null,
        errors: [
          "wrong_password",
          "forbidden",
          "step_up_required",
          "login_throttled",
          "weak_password",
          "not_implemented",
        ],
      }),
    )
    .get(
      "/auth/directory",
      ({ actor, query }) => searchDirectory(deps, actor, query),
      operation({
        id: "directory.list",
        access: "user",
        summary: "Find users by name",
        description:
          "Finds those who share an organization with you by how their username or name begins, and anyone by their exact username.",
        tags,
        query: DirectoryQuery,
        answer: List(DirectoryEntry),
        errors: ["invalid_cursor"],
      }),
    );
}
