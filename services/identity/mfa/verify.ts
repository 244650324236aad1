import { select, sql, storedJson } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import type { Part } from "@stoa/journal";
import { getTableColumns } from "drizzle-orm";
import type { Deps } from "../deps.ts";
import { linking } from "../external/complete-link.ts";
import type { PendingLink } from "../external/identity.ts";
import type { Tokens } from "../sessions/schema.ts";
import { startSession } from "../sessions/start.ts";
import { loginCompleted } from "../throttle/login-attempt.ts";
import { proofAttempt, proofUnblocked, selectProofBlock } from "../throttle/proof-attempt.ts";
import { hashOf } from "../tickets/token.ts";
import { selectUsers } from "../users/read.ts";
import { requireOne, secondProof, selectFactor } from "./prove.ts";
import type { SecondStep } from "./schema.ts";
import { type MfaChallengeRow, mfaChallenges } from "./table.ts";

/** Codes that may be tried with one `mfa_token`. */
const TRIES = 5;

/**
 * Completes a login whose password was right. A try is taken before its code is looked at, so that any number of
 * requests at once have five; a right code is used up in the write that starts the session, and that links the user to the
 * person of a corporate directory where the login was theirs.
 *
 * @throws StoaError `invalid_code`, with the member `tries_left`: at 0 the token is worth nothing; `login_throttled`,
 *   `account_disabled`
 */
export async function verifySecondFactor(
  deps: Deps,
  cause: Cause,
  { mfa_token, ...given }: SecondStep,
): Promise<Tokens> {
  requireOne(given, ["code", "recovery_code"]);
  const token_hash = hashOf(mfa_token);
  const { taken, challenge, user, factor, block } = await takeTry(deps, token_hash);
  if (!challenge || !user || !factor) throw invalidCode(0);
  const attempt = proofAttempt(deps, cause, "code", user.id);
  // No try is left, or the token has expired: waiting would not help.
  if (!taken && isSpent(challenge, deps.now())) throw invalidCode(0);
  attempt.admit(block);
  if (!taken) throw invalidCode(0);
  const proof = await secondProof(deps, factor, given);
  if (proof) {
    const { method } = challenge;
    const link =
      challenge.link === null
        ? undefined
        : storedJson<PendingLink>(challenge.link, "mfa_challenges.link of user", user.id);
    const linked = link && linking(deps, cause, user, link, () => invalidCode(0));
    const parts = [answered(challenge), proof.unused, attempt.right, loginCompleted(deps, cause, user.id)];
    const proven = { method, second_factor: proof.factor, before: linked?.parts ?? [], parts };
    const tokens = await startSession(deps, cause, user, proven);
    if (tokens) {
      await linked?.completed(tokens.session_id);
      return tokens;
    }
  }
  throw await attempt.failed(invalidCode(TRIES - challenge.tries));
}

/** The part that a challenge is still there, for the password that it was made for, and is answered by the command. */
function answered({ token_hash, password_changed_at }: MfaChallengeRow): Part {
  return {
    guard: sql`exists (select 1 from mfa_challenges join users on users.id = mfa_challenges.user_id
      where token_hash = ${token_hash} and users.password_changed_at is ${password_changed_at})`,
    effects: (happened) => [sql`delete from mfa_challenges where token_hash = ${token_hash} and ${happened}`],
  };
}

async function takeTry({ db, now }: Deps, token_hash: string) {
  const time = now().toISOString();
  const whose = sql`(select user_id from mfa_challenges where token_hash = ${token_hash})`;
  const [update, { rows: challenges }, { rows: users }, { rows: factors }, { rows: blocks }] = await db.write([
    sql`update mfa_challenges set tries = tries + 1
      where token_hash = ${token_hash} and tries < ${TRIES} and expires_at > ${time}
        and ${proofUnblocked("code", whose, time)}`,
    select(getTableColumns(mfaChallenges), sql`from ${mfaChallenges} where token_hash = ${token_hash}`),
    selectUsers(sql`users.id = ${whose}`),
    selectFactor(whose),
    selectProofBlock("code", whose, time),
  ]);
  return {
    taken: update.changes === 1,
    challenge: challenges[0],
    user: users[0],
    factor: factors[0],
    block: blocks[0],
  };
}

function isSpent({ tries, expires_at }: MfaChallengeRow, now: Date): boolean {
  return tries >= TRIES || expires_at <= now.toISOString();
}

function invalidCode(tries_left: number): StoaError {
  const detail = tries_left === 0 ? "The mfa_token is not valid, was used, or is too old; log in again." : undefined;
  return new StoaError("invalid_code", { ...(detail !== undefined && { detail }), members: { tries_left } });
}
