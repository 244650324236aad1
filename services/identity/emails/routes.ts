import { Type } from "@sinclair/typebox";
import { controller, operation, tagged } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { userExample as exampleUser } from "../examples.ts";
import { Token } from "../tickets/schema.ts";
import { User } from "../users/schema.ts";
import { requestVerification } from "./request-verification.ts";
import { undoEmailChange } from "./undo.ts";
import { verifyEmail } from "./verify.ts";

const tags = ["users"];

/** The token of a mail. */
const Verification = Type.Object({ token: Token }, { title: "EmailVerification" });

/** Confirming that an e-mail address is the user's own. */
export function emailRoutes(deps: Deps) {
  return controller(deps.http, "/api/v1/auth/email")
    .post(
      "/verification",
      ({ actor }) => requestVerification(deps, actor),
      operation({
        id: "email.requestVerification",
        access: "user",
        summary: "Have a token mailed to the address that waits to be confirmed",
        description:
          "The mail goes to the new address if one waits to be confirmed, otherwise to the present one. At most five mails an hour. When nothing is left to confirm, none is sent.",
        tags,
        limit: "mail",
        status: 202,
        answer: null,
      }),
    )
    .post(
      "/verify",
      async ({ cause, body, set }) => tagged(set, await verifyEmail(deps, cause, body.token)),
      operation({
        id: "email.verify",
        access: "anyone",
        summary: "Confirm an address with the token that was mailed there",
        description:
          "A token works once. It verifies the present address, or puts the new one that it was mailed to in its place.",
        tags,
        body: Verification,
        answer: User,
        errors: ["invalid_ticket", "email_taken"],
        example: {
          body: { token: "SiK3p1Vb0uZ6mW2q7cXr9yTfHnLdEoAjGs8kQwUvRxY" },
          answer: { ...exampleUser, email_verified: true },
        },
      }),
    )
    .post(
      "/undo",
      async ({ cause, body, set }) => tagged(set, await undoEmailChange(deps, cause, body.token)),
      operation({
        id: "email.undo",
        access: "anyone",
        summary: "Undo a change of an address with the token that was mailed to the old one",
        description:
          "The token is good for 72 hours and works once. A new address that waits is taken back. One that was confirmed already goes, the old one comes back, and every session ends. Nobody else gets the old address in that time.",
        tags,
        body: Verification,
        answer: User,
        errors: ["invalid_ticket", "email_taken"],
        example: {
          body: { token: "SiK3p1Vb0uZ6mW2q7cXr9yTfHnLdEoAjGs8kQwUvRxY" },
          answer: exampleUser,
        },
      }),
    );
}
