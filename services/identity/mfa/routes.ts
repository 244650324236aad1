import { controller, operation } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { exampleTokens, Tokens } from "../sessions/schema.ts";
import { removeTotp, renewRecoveryCodes } from "./change.ts";
import { beginTotp, confirmTotp } from "./enrol.ts";
import { Confirmation, Enrolment, exampleCodes, exampleEnrolment, RecoveryCodes, SecondStep } from "./schema.ts";
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
        ...own,
        summary: "Begin to enrol an authenticator app",
        description: "Shown this once. It counts when a code of it confirms it. Wants a login within 10 minutes.",
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
        ...own,
        summary: "Confirm an authenticator app by a code of it",
        description: "From now on every login asks for a code. The recovery codes are shown this once.",
        body: Confirmation,
        answer: RecoveryCodes,
        secret: true,
        errors: ["invalid_code", "login_throttled", "mfa_not_enabled", "mfa_already_enabled"],
        example: { body: { code: "373473" }, answer: exampleCodes },
      }),
    )
    .delete(
      "/totp",
      ({ actor }) => removeTotp(deps, actor),
      operation({
        ...own,
        summary: "Remove the authenticator app and its recovery codes",
        description: "Wants a login within 10 minutes.",
        answer: null,
        errors: ["step_up_required", "mfa_not_enabled"],
      }),
    )
    .post(
      "/recovery-codes",
      ({ actor }) => renewRecoveryCodes(deps, actor),
      operation({
        ...own,
        summary: "Get ten new recovery codes",
        description: "Shown this once; the ones before do not work any more. Wants a login within 10 minutes.",
        answer: RecoveryCodes,
        secret: true,
        errors: ["step_up_required", "mfa_not_enabled"],
        example: { answer: exampleCodes },
      }),
    )
    .post(
      "/verify",
      ({ cause, body }) => verifySecondFactor(deps, cause, body),
      operation({
        access: "anyone",
        tags,
        limit: "login",
        summary: "Complete a login with the second factor",
        description:
          "Send either a code of the app or a recovery code; each works once. A wrong one says in `tries_left` how many tries the mfa_token is still good for: at 0, log in again.",
        body: SecondStep,
        answer: Tokens,
        secret: true,
        errors: ["invalid_code", "login_throttled", "account_disabled"],
        example: { body: { mfa_token: "kQ3v…", code: "373473" }, answer: exampleTokens },
      }),
    );
}
