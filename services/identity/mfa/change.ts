import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { command, type Part, retrying } from "@stoa/journal";
import type { Deps, StoreDeps } from "../deps.ts";
import { requireStepUp, stillProven } from "../sessions/step-up.ts";
import { userExists } from "../users/read.ts";
import { factorRemovedMail } from "./notices.ts";
import { newRecoveryCodes, replaceCodes } from "./recovery-codes.ts";
import type { NewRecoveryCodes } from "./schema.ts";

/** The part of a command that a user has a second factor. */
function hasSecondFactor(user_id: string): Part {
  return {
    guard: sql`exists (select 1 from users where id = ${user_id} and mfa_enabled = 1)`,
    why: () => new StoaError("mfa_not_enabled"),
  };
}

/** The part of a command that a user's password is long enough without a second factor. */
function longPassword(user_id: string): Part {
  const detail = "Your password is too short without a second factor; first choose one of at least 10 characters.";
  return {
    guard: sql`not exists (select 1 from users where id = ${user_id} and mfa_enabled = 1 and password_short = 1)`,
    why: () => new StoaError("password_change_required", { detail }),
  };
}

/**
 * Removes the second factor with its recovery codes: the password alone is enough again. So it has to be as long as one without
 * a factor must be; where somebody else removes the factor, the next login says so.
 *
 * @throws StoaError `step_up_required`, `mfa_not_enabled`, `password_change_required`
 */
export async function removeTotp(deps: Deps, actor: Actor): Promise<void> {
  await requireStepUp(deps, actor);
  const { user_id } = actor;
  await removeSecondFactor(deps, actor.cause, user_id, [...stillProven(deps, actor), longPassword(user_id)]);
}

/**
 * The same for another user, who has lost it: for a superuser, who proves who they are themselves.
 *
 * @throws StoaError `step_up_required`, `not_found`, `mfa_not_enabled`
 */
export async function removeFactorOf(deps: Deps, actor: Actor, user_id: string): Promise<void> {
  await requireStepUp(deps, actor);
  await removeSecondFactor(deps, actor.cause, user_id, [userExists(user_id), ...stillProven(deps, actor)]);
}

/**
 * The same without anybody's proof: from the command line.
 *
 * @param more what must hold besides
 * @throws StoaError `mfa_not_enabled`, those of `more`
 */
export async function removeSecondFactor(
  { db, now }: StoreDeps,
  cause: Cause,
  user_id: string,
  more: readonly Part[] = [],
): Promise<void> {
  const time = now().toISOString();
  const removed: Part = {
    effects: (happened) => factorRemoved(user_id, time, happened),
  };
  const event = { type: "mfa.disabled", aggregate_id: user_id, time, data: { user_id, factor: "totp" } } as const;
  await retrying(db, `user ${user_id}`, () => command(db, cause, event, [...more, hasSecondFactor(user_id), removed]));
}

/** Deletes a user's second factor with all that belongs to it. @param happened of the event that says so */
export function factorRemoved(user_id: string, time: string, happened: Sql): readonly Sql[] {
  return [
    sql`delete from totp_factors where user_id = ${user_id} and ${happened}`,
    sql`delete from recovery_codes where user_id = ${user_id} and ${happened}`,
    sql`delete from mfa_challenges where user_id = ${user_id} and ${happened}`,
    sql`update users set mfa_enabled = 0, version = version + 1, updated_at = ${time}
      where id = ${user_id} and ${happened}`,
    factorRemovedMail(user_id, time, happened),
  ];
}

/**
 * Makes ten new recovery codes, shown this once; the earlier ones no longer work.
 *
 * @throws StoaError `step_up_required`, `mfa_not_enabled`
 */
export async function renewRecoveryCodes(deps: Deps, actor: Actor): Promise<NewRecoveryCodes> {
  await requireStepUp(deps, actor);
  const { user_id } = actor;
  const codes = newRecoveryCodes();
  const time = deps.now().toISOString();
  const renewed: Part = { effects: (happened) => replaceCodes(user_id, codes, time, happened) };
  const event = { type: "mfa.recovery_codes_renewed", aggregate_id: user_id, time, data: { user_id } } as const;
  await retrying(deps.db, `user ${user_id}`, () =>
    command(deps.db, actor.cause, event, [hasSecondFactor(user_id), ...stillProven(deps, actor), renewed]),
  );
  return { recovery_codes: codes };
}
