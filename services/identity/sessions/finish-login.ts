import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause, LoginMethod } from "@stoa/events";
import type { Deps } from "../deps.ts";
import { challenge } from "../mfa/challenge.ts";
import type { AdmittedLogin } from "../throttle/login-attempt.ts";
import type { StoredUser } from "../users/read.ts";
import type { Tokens } from "./schema.ts";
import { startSession } from "./start-session.ts";

/** The first proof, right. */
export interface FirstProof {
  readonly method: LoginMethod;
  readonly admitted: AdmittedLogin;
  /** What must still hold of the user's row: they have the password that was checked, say. */
  readonly still: Sql;
  /** What else happens with it. */
  readonly effects?: (happened: Sql) => readonly Sql[];
}

/**
 * Goes on after a right password, ours or a directory's: starts the session, or asks for the second factor.
 *
 * @returns undefined when the proof does not hold any more: read again and decide anew
 * @throws StoaError `account_disabled`; `mfa_required` with the member `mfa_token`
 */
export async function finishLogin(
  deps: Deps,
  cause: Cause,
  user: StoredUser,
  { method, admitted, still, effects }: FirstProof,
): Promise<Tokens | undefined> {
  if (user.is_active !== 1) throw new StoaError("account_disabled");
  if (user.mfa_enabled === 1) {
    const guard = sql`${still} and ${admitted.still}`;
    const asked = await challenge(deps, user, { method, still: guard, ...(effects && { effects }) });
    if (!asked) return undefined;
    throw new StoaError("mfa_required", { members: asked });
  }
  return startSession(deps, cause, user, {
    method,
    still,
    guards: [admitted.still],
    effects: (happened) => [...(effects?.(happened) ?? []), ...admitted.succeeded(user.id, happened)],
  });
}
