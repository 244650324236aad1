import type { Static } from "@sinclair/typebox";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { type Claim, unmet } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { invitedBy } from "../invitations/admit.ts";
import { register } from "./register.ts";
import type { Registration, User } from "./schema.ts";

/**
 * Registers whoever asks, if `REGISTRATION` lets them: anyone, or who was mailed an invitation. Its token proves that they
 * read the mailbox, so the address is verified. Nothing else is looked at before that, so that a closed Stoa does not tell
 * who is registered.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `registration_closed`; of an invitation `invalid_ticket`, and `forbidden` for another address; those of
 *   `register`.
 */
export async function registerOneself(
  deps: Deps,
  cause: Cause,
  { invitation, ...body }: Static<typeof Registration>,
  claim: Claim,
): Promise<User | undefined> {
  const { registration, db, now } = deps;
  const admitted = registration === "open" || (registration === "invited" && invitation !== undefined);
  if (!admitted) throw closed(registration);
  const user = { ...body, source: "self" } as const;
  if (invitation === undefined) return register(deps, cause, user, claim);
  const invited = invitedBy(invitation, body.email, now());
  const refused = await unmet(db, invited);
  if (refused) throw refused.why();
  return register(deps, cause, { ...user, email_verified: true }, claim, invited);
}

function closed(registration: Deps["registration"]): StoaError {
  const detail =
    registration === "invited"
      ? "Registration takes an invitation: send the token that was mailed to you as invitation."
      : "Nobody can register here; an administrator adds users.";
  return new StoaError("registration_closed", { detail });
}
