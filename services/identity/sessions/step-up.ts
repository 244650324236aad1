import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { sessionLives } from "./read.ts";

/** Seconds for which a proof is fresh enough for changes that could lock the user out. */
const FRESH_SECONDS = 600;

/**
 * Requires that the user has proven recently who they are: the token alone may be stolen. A command that requires it
 * also has the parts {@link stillProven}.
 *
 * @throws StoaError `step_up_required` when the last proof is more than ten minutes old
 */
export function requireStepUp({ now }: Pick<Deps, "now">, { auth_time }: Pick<Actor, "auth_time">): void {
  if (now().getTime() / 1_000 - auth_time > FRESH_SECONDS) throw new StoaError("step_up_required");
}

/**
 * The parts of a command that could lock its user out, or let somebody else in, when it is written: their session has not
 * ended since its token was verified, or whoever it was taken from would still be at work after a new password; and if they
 * have a second factor, the token's `amr` says that they have proven it. Someone who knows the password alone neither removes
 * the factor nor does what it protects.
 */
export function stillProven({ user_id, session_id, amr }: Pick<Actor, "user_id" | "session_id" | "amr">): Part[] {
  return [sessionLives(session_id), ...(amr.includes("mfa") ? [] : [passwordIsEnough(user_id)])];
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
