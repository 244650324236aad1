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
import { register } from "./register.ts";
import { DirectoryEntry, DirectoryQuery, Erasure, OwnUserPatch, PasswordChange, Registration, User } from "./schema.ts";

const tags = ["users"];

const registering = {
  access: "anyone",
  tags,
  limit: "registration",
  body: Registration,
  status: 201,
  answer: User,
  errors: ["weak_password", "email_taken", "username_taken", "idempotency_key_reused", "not_implemented"],
  description: "The username is made from the e-mail unless given. Both are unique without case.",
  example: { body: { email: "ada@example.com", password: "brave new analytical engine" }, answer: userExample },
} as const;

const reading = { access: "user", summary: "Read one's own user", tags, answer: User } as const;
const changing = {
  access: "user",
  tags,
  body: OwnUserPatch,
  answer: User,
  errors: ["username_taken", "email_taken", "step_up_required", "version_conflict"],
  description:
    "A new e-mail stands in `pending_email` until the token that is mailed to it comes back. It wants a login or a proof at /auth/reauthenticate of the last ten minutes.",
  example: { body: { full_name: "Ada Lovelace" }, answer: userExample },
} as const;

const erasing = {
  access: "user",
  summary: "Erase oneself",
  description:
    "What is known of the person goes, everywhere; the address may register again as someone new. There is no way back.",
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
    const { cause, body, set } = context;
    const registered = await idempotent(
      deps,
      context,
      (claim) => register(deps, cause, { ...body, source: "self" }, claim),
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
    .post("/auth/register", add, operation({ ...registering, summary: "Register" }))
    .post("/auth/signup", add, operation({ ...registering, summary: "Register (the same as /auth/register)" }))
    .get("/auth/me", read, operation(reading))
    .get("/users/me", read, operation(reading))
    .patch("/auth/me", change, operation({ ...changing, summary: "Change one's own user" }))
    .patch("/users/me", change, operation({ ...changing, summary: "Change one's own user" }))
    .delete("/auth/me", ({ actor, body }) => eraseOneself(deps, actor, body.password), operation(erasing))
    .delete("/users/me", ({ actor, body }) => eraseOneself(deps, actor, body.password), operation(erasing))
    .put(
      "/auth/me/password",
      ({ actor, body }) => changePassword(deps, actor, body),
      operation({
        access: "user",
        summary: "Change one's password; every other session ends",
        tags,
        limit: "login",
        body: PasswordChange,
        answer: null,
        errors: ["wrong_password", "login_throttled", "weak_password", "not_implemented"],
      }),
    )
    .get(
      "/auth/directory",
      ({ actor, query }) => searchDirectory(deps, actor, query),
      operation({
        access: "user",
        summary: "Find users by name",
        description:
          "Those who share an organization with you by how their username or name begins; anyone by exact username.",
        tags,
        query: DirectoryQuery,
        answer: List(DirectoryEntry),
        errors: ["invalid_cursor"],
      }),
    );
}
