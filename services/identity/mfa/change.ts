import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { requireStepUp } from "../sessions/step-up.ts";
import { newRecoveryCodes, replaceCodes } from "./recovery-codes.ts";
import type { NewRecoveryCodes } from "./schema.ts";

const enabled = (user_id: string) => sql`exists (select 1 from users where id = ${user_id} and mfa_enabled = 1)`;

/**
 * Removes the second factor with its recovery codes: the password alone is enough again.
 *
 * @throws StoaError `step_up_required`, `mfa_not_enabled`
 */
export async function removeTotp(deps: Deps, actor: Actor): Promise<void> {
  requireStepUp(deps, actor);
  const { user_id } = actor;
  const time = deps.now().toISOString();
  const event = append(
    actor.cause,
    { type: "mfa.disabled", aggregate_id: user_id, time, data: { user_id, factor: "totp" } },
    enabled(user_id),
  );
  const { applied } = await commit(deps.db, event, [
    sql`delete from totp_factors where user_id = ${user_id} and ${event.happened}`,
    sql`delete from recovery_codes where user_id = ${user_id} and ${event.happened}`,
    sql`delete from mfa_challenges where user_id = ${user_id} and ${event.happened}`,
    sql`update users set mfa_enabled = 0, version = version + 1, updated_at = ${time}
      where id = ${user_id} and ${event.happened}`,
  ]);
  if (!applied) throw new StoaError("mfa_not_enabled");
}

/**
 * Ten new recovery codes, shown this once; those there were do not work any more.
 *
 * @throws StoaError `step_up_required`, `mfa_not_enabled`
 */
export async function renewRecoveryCodes(deps: Deps, actor: Actor): Promise<NewRecoveryCodes> {
  requireStepUp(deps, actor);
  const { user_id } = actor;
  const codes = newRecoveryCodes();
  const time = deps.now().toISOString();
  const event = append(
    actor.cause,
    { type: "mfa.recovery_codes_renewed", aggregate_id: user_id, time, data: { user_id } },
    enabled(user_id),
  );
  const { applied } = await commit(deps.db, event, replaceCodes(user_id, codes, time, event.happened));
  if (!applied) throw new StoaError("mfa_not_enabled");
  return { recovery_codes: codes };
}
