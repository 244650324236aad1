import { controller, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { exampleTokens, Tokens } from "../sessions/schema.ts";
import { removeTotp, renewRecoveryCodes } from "./change.ts";
import { beginTotp, confirmTotp } from "./enrol.ts";
import {
  Confirmation,
  Enrolment,
  exampleCodes,
  exampleEnrolment,
  NewRecoveryCodes,
  SecondStep,
  TriesLeft,
} from "./schema.ts";
import { verifySecondFactor } from "./verify.ts";

const tags = ["second factor"];
const own = { access: "user", tags, limit: "login" } as const;

/** The second factor: an authenticator app and recovery codes. */
export function mfaRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/auth/mfa")
    .post(
      "/totp",
      ({ actor }) => beginTotp(deps, actor),
      operation({
        id: "mfa.totp.create",
        ...own,
        summary: "Begin to enrol an authenticator app",
        description:
          "The secret is shown this once. The app is in use as soon as one of its codes confirms it. It takes a login within the last ten minutes, or a proof at `POST /api/v1/auth/reauthenticate`.",
        answer: Enrolment,
        secret: true,
        errors: ["step_up_required", "mfa_already_enabled"],
        example: { answer: exampleEnrolment },
      }),
    )
    .post(
      "/totp/confirm",
      ({ actor, body }) => confirmTotp(deps, actor, body.code),
      operation({
        id: "mfa.totp.confirm",
        ...own,
        summary: "Confirm an authenticator app by a code of it",
        description:
          "From now on every login asks for a code. The recovery codes are shown this once. Every other session ends, and a new e-mail that waits is taken back. This session has proven the factor: what asks for such a proof takes it for ten minutes, and the tokens of the next refresh say so in `amr`.",
        body: Confirmation,
        answer: NewRecoveryCodes,
        secret: true,
        errors: ["invalid_code", "login_throttled", "mfa_not_enabled", "mfa_already_enabled"],
        example: { body: { code: "373473" }, answer: exampleCodes },
      }),
    )
    .delete(
      "/totp",
      ({ actor }) => removeTotp(deps, actor),
      operation({
        id: "mfa.totp.delete",
        ...own,
        summary: "Remove the authenticator app and its recovery codes",
        description:
          "Logins ask for no code any more. It takes a login with the second factor within the last ten minutes, or a proof of it at `POST /api/v1/auth/reauthenticate`; the password alone is 403 `step_up_required`. A password of fewer than 10 characters, which takes a second factor, is 403 `password_change_required`: change it first.",
        answer: null,
        errors: ["step_up_required", "mfa_not_enabled", "password_change_required"],
      }),
    )
    .post(
      "/recovery-codes",
      ({ actor }) => renewRecoveryCodes(deps, actor),
      operation({
        id: "mfa.recoveryCodes.create",
        ...own,
        summary: "Get ten new recovery codes",
        description:
          "They are shown this once. Earlier codes stop working. It takes a login with the second factor within the last ten minutes, or a proof of it at `POST /api/v1/auth/reauthenticate`; the password alone is 403 `step_up_required`.",
        answer: NewRecoveryCodes,
        secret: true,
        errors: ["step_up_required", "mfa_not_enabled"],
        example: { answer: exampleCodes },
      }),
    )
    .post(
      "/verify",
      ({ cause, body }) => verifySecondFactor(deps, cause, body),
      operation({
        id: "mfa.verify",
        access: "anyone",
        tags,
        limit: "login",
        summary: "Complete a login with the second factor",
        description:
          "Send either a code of the app or a recovery code; each works once. After a wrong one, `tries_left` says how often the `mfa_token` can still be tried. At 0, log in again.",
        body: SecondStep,
        answer: Tokens,
        secret: true,
        errors: ["invalid_code", "login_throttled", "account_disabled"],
        problems: { invalid_code: TriesLeft },
        example: { body: { mfa_token: "kQ3v…", code: "373473" }, answer: exampleTokens },
      }),
    );
}
