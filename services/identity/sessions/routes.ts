import { controller, idempotencyKey, List, operation } from "@stoa/http";
import { instead } from "@stoa/http/older";
import type { Deps } from "../deps.ts";
import { MfaRequired } from "../mfa/schema.ts";
import { listSessions } from "./list.ts";
import { login } from "./login.ts";
import { reauthenticate } from "./reauthenticate.ts";
import { refresh } from "./refresh.ts";
import { renewForOlder } from "./renew.ts";
import { logout, logoutAll, revokeSession } from "./revoke.ts";
import {
  exampleTokens,
  Login,
  LoginForm,
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
  description: `The refresh token is replaced by a new one. When the answer is lost, send the same request again: for ten
seconds, or with the same \`Idempotency-Key\` for as long as the new token is active, the replaced token gives the same new
one. An older token ends the session: somebody else may have it.`,
  headers: { "Idempotency-Key": "A key of your own, by which a lost answer can be asked for again later." },
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
        id: "auth.login",
        access: "anyone",
        summary: "Log in",
        tags,
        limit: "login",
        body: Login,
        form: LoginForm,
        answer: Tokens,
        secret: true,
        description:
          "Send `username` or `email`, and the password; as JSON, or as the form of OAuth 2.0 (`grant_type=password`). An unknown name is answered as a wrong password is. Failures are counted for the account and the address; after some, 429 `login_throttled` asks to wait, at most 15 minutes. With a second factor the answer is 401 `mfa_required`, with the `mfa_token` for `POST /api/v1/auth/mfa/verify`. A password of fewer than 10 characters whose second factor was removed by a superuser is 403 `password_change_required`: mail them a link for another by `POST /api/v1/auth/password/forgot`.",
        errors: [
          "invalid_credentials",
          "mfa_required",
          "password_change_required",
          "account_disabled",
          "login_throttled",
          "not_implemented",
        ],
        problems: { mfa_required: MfaRequired },
        example: { body: { username: "ada", password: "brave new analytical engine" }, answer: exampleTokens },
      }),
    )
    .post(
      "/refresh",
      ({ cause, body, request }) => refresh(deps, cause, body, idempotencyKey(request.headers)),
      operation({
        id: "auth.refresh",
        ...refreshing,
        summary: "Get the next tokens",
      }),
    )
    .patch(
      "/refresh",
      async ({ cause, body, request, older }) => {
        if (older && deps.legacy_refresh) return instead<Tokens>(await renewForOlder(deps, cause, body));
        return refresh(deps, cause, body, idempotencyKey(request.headers));
      },
      operation({
        id: "auth.refreshPatch",
        deprecated: "auth.refresh",
        ...refreshing,
        summary: "Get the next tokens",
      }),
    )
    .post(
      "/logout",
      ({ actor }) => logout(deps, actor),
      operation({
        id: "auth.logout",
        ...ending,
        summary: "End this session",
        description: "Ends the session that the access token belongs to: its tokens are refused from then on.",
      }),
    )
    .post(
      "/logout-all",
      ({ actor }) => logoutAll(deps, actor),
      operation({
        id: "auth.logoutAll",
        ...ending,
        summary: "End all of one's sessions",
        description: "All of them end, this one too: their tokens are refused from then on.",
      }),
    )
    .post(
      "/reauthenticate",
      ({ actor, body }) => reauthenticate(deps, actor, body),
      operation({
        id: "auth.reauthenticate",
        access: "user",
        summary: "Prove again who you are",
        tags,
        limit: "login",
        body: Reauthentication,
        answer: Tokens,
        secret: true,
        description:
          "Send one of `password`, `code` and `recovery_code`; with a second factor `code` or `recovery_code`, because the password alone is 403 `step_up_required`. The tokens belong to the same session and count as a fresh login, for what asks for one.",
        errors: [
          "wrong_password",
          "step_up_required",
          "invalid_code",
          "mfa_not_enabled",
          "login_throttled",
          "not_implemented",
        ],
        example: { body: { password: "brave new analytical engine" }, answer: exampleTokens },
      }),
    )
    .get(
      "/sessions",
      ({ actor, query }) => listSessions(deps, actor.user_id, actor.session_id, query),
      operation({
        id: "sessions.list",
        access: "user",
        summary: "List one's live sessions, or those that ended within 30 days",
        description: "Newest first. `current` marks the session of this request.",
        tags,
        query: SessionsQuery,
        answer: List(Session),
        errors: ["invalid_cursor"],
      }),
    )
    .delete(
      "/sessions/:id",
      ({ actor, params }) => revokeSession(deps, actor, params.id),
      operation({
        id: "sessions.delete",
        ...ending,
        summary: "End one of one's sessions",
        description:
          "Its tokens are refused from then on, and its streams close. A session that has ended stays as it is.",
        params: SessionParams,
      }),
    )
    .post(
      "/sessions/:id/revoke",
      ({ actor, params }) => revokeSession(deps, actor, params.id),
      operation({
        id: "sessions.revoke",
        deprecated: "sessions.delete",
        ...ending,
        summary: "End one of one's sessions",
        params: SessionParams,
      }),
    );
}
