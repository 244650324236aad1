import type { Actor } from "@stoa/auth";
import { type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { sessionLives } from "./read.ts";
import { sessions } from "./table.ts";

/** Seconds for which a proof is fresh enough for changes that could lock the user out. */
const FRESH_SECONDS = 600;

type Proving = Pick<Actor, "user_id" | "session_id" | "auth_time" | "amr">;

/**
 * Requires that the user has proven recently who they are: the token alone may be stolen. A proof that was made in its session
 * after the token was signed counts too. A command that requires it also has the parts {@link stillProven}.
 *
 * @throws StoaError `step_up_required` when the last proof is more than ten minutes old
 */
export async function requireStepUp(deps: Pick<Deps, "db" | "now">, actor: Proving): Promise<void> {
  if (actor.auth_time >= freshSince(deps)) return;
  const [proven] = await deps.db.query(
    select({ id: sessions.id }, sql`from ${sessions} where ${freshly(deps, actor)}`),
  );
  if (!proven) throw new StoaError("step_up_required");
}

/**
 * The parts of a command that could lock its user out, or let somebody else in, when it is written: their session has not
 * ended since its token was verified, or whoever it was taken from would still be at work after a new password; and if they
 * have a second factor, the token's `amr` says that they have proven it, or the session's row that they did so within ten
 * minutes. Someone who knows the password alone neither removes the factor nor does what it protects.
 */
export function stillProven(deps: Pick<Deps, "now">, actor: Proving): Part[] {
  const { user_id, session_id, amr } = actor;
  if (amr.includes("mfa")) return [sessionLives(session_id)];
  const { guard, why } = passwordIsEnough(user_id);
  const proven = sql`exists (select 1 from sessions where ${freshly(deps, actor)} and second_factor is not null)`;
  return [sessionLives(session_id), { guard: sql`(${guard} or ${proven})`, why }];
}

/** Proofs since then are fresh; seconds since 1970. */
function freshSince({ now }: Pick<Deps, "now">): number {
  return now().getTime() / 1_000 - FRESH_SECONDS;
}

/** The condition on a row of `sessions` that it is the user's, has not ended, and that they have proven in it recently who they are. */
function freshly(deps: Pick<Deps, "now">, { user_id, session_id }: Proving): Sql {
  return sql`id = ${session_id} and user_id = ${user_id} and ended_at is null and auth_time >= ${freshSince(deps)}`;
}

/** The part of a command that the user has no second factor, so that the password alone proves who they are. */
export function passwordIsEnough(user_id: string): Part & Required<Pick<Part, "guard" | "why">> {
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
