import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";

/** Seconds for which a proof is fresh enough for changes that could lock the user out. */
const FRESH_SECONDS = 600;

/**
 * Requires that the user has proven recently who they are: the token alone may be stolen. A command that requires it
 * also has the part {@link provesSecondFactor}.
 *
 * @throws StoaError `step_up_required` when the last proof is more than ten minutes old
 */
export function requireStepUp({ now }: Pick<Deps, "now">, { auth_time }: Pick<Actor, "auth_time">): void {
  if (now().getTime() / 1_000 - auth_time > FRESH_SECONDS) throw new StoaError("step_up_required");
}

/**
 * The part of a command that its user, if they have a second factor, has proven it: the token's `amr` says so. Someone
 * who knows the password alone neither removes the factor nor does what it protects.
 */
export function provesSecondFactor({ user_id, amr }: Pick<Actor, "user_id" | "amr">): Part {
  return amr.includes("mfa") ? {} : passwordIsEnough(user_id);
}

/** The part of a command that the user has no second factor, so that the password alone proves who they are. */
export function passwordIsEnough(user_id: string): Part & Required<Pick<Part, "why">> {
  return {
    guard: sql`not exists (select 1 from users where id = ${user_id} and mfa_enabled = 1)`,
    why: secondFactorRequired,
  };
}

/** The error for whoever has a second factor and did not prove it. */
export function secondFactorRequired(): StoaError {
  return new StoaError("step_up_required", {
    detail:
      "You have a second factor, so the password alone is not enough: send code or recovery_code to POST /auth/reauthenticate, then try again.",
  });
}
