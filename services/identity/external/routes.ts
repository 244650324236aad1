import { controller, operation, type RequestContext } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { externalTokensExample } from "../examples.ts";
import { MfaRequired } from "../mfa/schema.ts";
import { logInExternally } from "./log-in.ts";
import { ExternalLogin, ExternalTokens } from "./schema.ts";

const about = {
  access: "anyone",
  description:
    "A person who logs in for the first time becomes a user. Their role in the directory gives the roles that `CORPORATE_ROLES` names for it, none by default. A local user who verified the same address is linked: their earlier sessions end, and their password here is removed. With a second factor the answer is 401 `mfa_required`, with the `mfa_token` for `POST /api/v1/auth/mfa/verify`; a link waits for that.",
  tags: ["sessions"],
  limit: "login",
  body: ExternalLogin,
  answer: ExternalTokens,
  secret: true,
  errors: [
    "invalid_credentials",
    "invalid_account_id",
    "login_throttled",
    "account_disabled",
    "mfa_required",
    "directory_unavailable",
    "not_configured",
  ],
  problems: { mfa_required: MfaRequired },
  example: {
    body: { account_id: "acme", username: "ada", password: "a corporate password" },
    answer: externalTokensExample,
  },
} as const;

/** Login by the corporate directory. */
export function externalRoutes(deps: Deps) {
  const logIn = ({ cause, body }: RequestContext & { body: ExternalLogin }) => logInExternally(deps, cause, body);
  return controller(deps.http, "/api/v1")
    .post(
      "/auth/login/external",
      logIn,
      operation({
        id: "auth.loginExternal",
        ...about,
        summary: "Log in by the corporate directory",
      }),
    )
    .post(
      "/user/login",
      logIn,
      operation({
        id: "auth.userLogin",
        deprecated: "auth.loginExternal",
        ...about,
        summary: "Log in by the corporate directory",
      }),
    );
}
