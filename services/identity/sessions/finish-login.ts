import { insertRow, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause, LoginMethod } from "@stoa/events";
import type { Deps, StoreDeps } from "../deps.ts";
import type { PendingLink } from "../external/identity.ts";
import { challenge, type FirstStepPart } from "../mfa/challenge.ts";
import { rightPassword } from "../throttle/failure.ts";
import type { AdmittedLogin } from "../throttle/login-attempt.ts";
import { loginAttempts } from "../throttle/table.ts";
import type { StoredUser } from "../users/read.ts";
import type { Tokens } from "./schema.ts";
import { startSession } from "./start.ts";

/** A first proof that was right. */
export interface FirstProof {
  readonly method: LoginMethod;
  readonly admitted: AdmittedLogin;
  /** What must still hold of it, the password that was checked say, and what follows from it. */
  readonly parts: readonly FirstStepPart[];
  /** To whom of a directory the user is to be linked once the second factor is proven. */
  readonly link?: PendingLink | null;
}

/**
 * Goes on after a right password, ours or a directory's: starts the session, or asks for the second factor.
 *
 * @returns undefined when the proof does not hold any more: read again and decide anew
 * @throws StoaError `account_disabled`; `mfa_required` with the member `mfa_token`; `password_change_required` for a password that
 *   was chosen under a second factor which is gone, and is too short without
 */
export async function finishLogin(
  deps: Deps,
  cause: Cause,
  user: StoredUser,
  { method, admitted, parts, link = null }: FirstProof,
): Promise<Tokens | undefined> {
  if (user.is_active !== 1) throw await refusedAsDisabled(deps, cause, user);
  const proof = [admitted.unblocked, ...parts];
  if (user.mfa_enabled === 1) {
    const enrolled = sql`exists (select 1 from users where id = ${user.id} and is_active = 1 and mfa_enabled = 1)`;
    const asked = await challenge(deps, cause, user, { method, link }, [{ guard: enrolled }, ...proof]);
    if (!asked) return undefined;
    throw new StoaError("mfa_required", { members: asked });
  }
  // What waits for a factor that has gone is decided anew.
  if (link) return undefined;
  // They choose the next one by the mail of a reset, not in a session: a short password may have been guessed.
  if (method === "password" && user.password_short === 1) throw new StoaError("password_change_required");
  return startSession(deps, cause, user, { method, parts: [...proof, admitted.completed(user.id)] });
}

/**
 * Notes in the audit trail that a disabled user's right password came.
 *
 * @returns the error to answer with
 */
export async function refusedAsDisabled(
  { db, now }: StoreDeps,
  cause: Cause,
  { id: user_id }: Pick<StoredUser, "id">,
): Promise<StoaError> {
  await db.write([insertRow(loginAttempts, rightPassword(cause, user_id, "disabled", now().toISOString()))]);
  return new StoaError("account_disabled");
}
