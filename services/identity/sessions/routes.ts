import { controller, List, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { listSessions } from "./list.ts";
import { login } from "./login.ts";
import { reauthenticate } from "./reauthenticate.ts";
import { refresh } from "./refresh.ts";
import { logout, logoutAll, revokeSession } from "./revoke.ts";
import {
  exampleTokens,
  Login,
  Reauthentication,
  Refresh,
  Session,
  SessionParams,
  SessionsQuery,
  Tokens,
} from "./schema.ts";

const tags = ["sessions"];

const refreshing = {
  access: "anyone",
  tags,
  body: Refresh,
  answer: Tokens,
  secret: true,
  errors: ["invalid_refresh_token", "refresh_token_expired", "refresh_token_reused", "session_revoked"],
  description: `The active refresh token is replaced. For ten seconds after that, and with the Idempotency-Key of that
request for as long as the new one is active, the replaced one gives the new one again. Any older one ends the session.`,
  example: { body: { refresh_token: exampleTokens.refresh_token }, answer: exampleTokens },
} as const;

const ending = { access: "user", tags, answer: null } as const;

/** Login, refresh, logout and the list of one's sessions. */
export function sessionRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/auth")
    .post(
      "/login",
      ({ cause, body }) => login(deps, cause, body),
      operation({
        access: "anyone",
        summary: "Log in",
        tags,
        limit: "login",
        body: Login,
        answer: Tokens,
        secret: true,
        description:
          "Wrong names and passwords are counted for the account and the address: after some, a wait that grows, at most 15 minutes. With a second factor 401 mfa_required carries `mfa_token`, for /auth/mfa/verify, and `expires_in` in seconds.",
        errors: ["invalid_credentials", "mfa_required", "account_disabled", "login_throttled", "not_implemented"],
        example: { body: { username: "ada", password: "brave new analytical engine" }, answer: exampleTokens },
      }),
    )
    .post(
      "/refresh",
      ({ cause, body, request }) => refresh(deps, cause, body, request.headers.get("idempotency-key")),
      operation({ ...refreshing, summary: "Get the next tokens" }),
    )
    .patch(
      "/refresh",
      ({ cause, body, request }) => refresh(deps, cause, body, request.headers.get("idempotency-key")),
      operation({ ...refreshing, summary: "Get the next tokens (the same as POST)" }),
    )
    .post("/logout", ({ actor }) => logout(deps, actor), operation({ ...ending, summary: "End this session" }))
    .post(
      "/logout-all",
      ({ actor }) => logoutAll(deps, actor),
      operation({ ...ending, summary: "End all of one's sessions" }),
    )
    .post(
      "/reauthenticate",
      ({ actor, body }) => reauthenticate(deps, actor, body),
      operation({
        access: "user",
        summary: "Prove again who one is",
        tags,
        limit: "login",
        body: Reauthentication,
        answer: Tokens,
        secret: true,
        description: "Send one of password, code and recovery_code. The tokens are of the same session.",
        errors: ["wrong_password", "invalid_code", "mfa_not_enabled", "login_throttled", "not_implemented"],
        example: { body: { password: "brave new analytical engine" }, answer: exampleTokens },
      }),
    )
    .get(
      "/sessions",
      ({ actor, query }) => listSessions(deps, actor.user_id, actor.session_id, query),
      operation({
        access: "user",
        summary: "List one's live sessions, or those that ended within 30 days",
        tags,
        query: SessionsQuery,
        answer: List(Session),
        errors: ["invalid_cursor"],
      }),
    )
    .delete(
      "/sessions/:id",
      ({ actor, params }) => revokeSession(deps, actor, params.id),
      operation({ ...ending, summary: "End one of one's sessions", params: SessionParams }),
    )
    .post(
      "/sessions/:id/revoke",
      ({ actor, params }) => revokeSession(deps, actor, params.id),
      operation({ ...ending, summary: "End one of one's sessions (the same as DELETE)", params: SessionParams }),
    );
}
