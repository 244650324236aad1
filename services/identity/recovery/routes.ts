import { controller, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { forgotPassword } from "./forgot.ts";
import { resetPassword } from "./reset.ts";
import { ForgottenPassword, PasswordReset } from "./schema.ts";

const tags = ["sessions"];

/** A new password for users who forgot theirs. */
export function recoveryRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/auth/password")
    .post(
      "/forgot",
      ({ cause, body }) => forgotPassword(deps, cause, body.email),
      operation({
        id: "password.forgot",
        access: "anyone",
        summary: "Ask for a mail with a token for a new password",
        description:
          "The answer is the same whether a user has this address or not. At most five mails an hour. Who logs in by the corporate directory is mailed that, instead of a token.",
        tags,
        limit: "mail",
        body: ForgottenPassword,
        status: 202,
        answer: null,
        example: { body: { email: "ada@example.com" } },
      }),
    )
    .post(
      "/reset",
      ({ cause, body }) => resetPassword(deps, cause, body),
      operation({
        id: "password.reset",
        access: "anyone",
        summary: "Choose a new password with the token that was mailed; every session ends",
        description:
          "A token works once. Failed logins are forgotten, so the user can log in at once. If it verifies the address for the first time, whatever was set before goes: second factor and recovery codes, corporate login, full name and bio.",
        tags,
        limit: "login",
        body: PasswordReset,
        answer: null,
        errors: ["invalid_ticket", "weak_password", "not_implemented"],
        example: {
          body: {
            token: "SiK3p1Vb0uZ6mW2q7cXr9yTfHnLdEoAjGs8kQwUvRxY",
            new_password: "brave new analytical engine",
          },
        },
      }),
    );
}
