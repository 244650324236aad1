import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause, LoginMethod } from "@stoa/events";
import type { Deps } from "../deps.ts";
import type { Tokens } from "../sessions/schema.ts";
import { startSession } from "../sessions/start-session.ts";
import { loginSucceeded } from "../throttle/login-attempt.ts";
import { proofAttempt, proofBlock } from "../throttle/proof-attempt.ts";
import { hashOf } from "../tickets/token.ts";
import { type StoredUser, selectUsers } from "../users/read.ts";
import { type GivenCode, requireOne, secondProof, selectFactor } from "./second-proof.ts";
import type { MfaChallengeRow, TotpFactorRow } from "./table.ts";

/** Codes that may be tried with one `mfa_token`. */
const TRIES = 5;

/** What the second step of a login asks. */
export interface SecondStep extends GivenCode {
  readonly mfa_token: string;
}

/**
 * Completes a login whose password was right. A try is taken before its code is looked at, so that any number of
 * requests at once have five; a right code is used up in the write that starts the session.
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
  const { taken, challenge, user, factor, standing } = await takeTry(deps, token_hash);
  if (!challenge || !user || !factor) throw invalidCode(0);
  const attempt = proofAttempt(deps, cause, "code", user.id);
  // No try is left, or its time is over: no wait makes it good.
  if (!taken && isSpent(challenge, deps.now())) throw invalidCode(0);
  attempt.admit(standing);
  if (!taken) throw invalidCode(0);
  const proof = await secondProof(deps, factor, given);
  if (proof) {
    const asked = sql`exists (select 1 from mfa_challenges where token_hash = ${token_hash})`;
    const tokens = await startSession(deps, cause, user, {
      method: challenge.method as LoginMethod,
      second_factor: proof.factor,
      still: sql`password_changed_at is ${challenge.password_changed_at}`,
      guards: [asked, proof.still, attempt.still],
      effects: (happened) => [
        proof.use(happened),
        sql`delete from mfa_challenges where token_hash = ${token_hash} and ${happened}`,
        attempt.succeeded(happened),
        ...loginSucceeded(deps, cause, user.id, happened),
      ],
    });
    if (tokens) return tokens;
  }
  throw await attempt.failed(invalidCode(TRIES - challenge.tries));
}

async function takeTry({ db, now }: Deps, token_hash: string) {
  const time = now().toISOString();
  const whose = sql`(select user_id from mfa_challenges where token_hash = ${token_hash})`;
  const blocked = proofBlock("code", whose, time);
  const [update, challenge, user, factor, standing] = await db.write([
    sql`update mfa_challenges set tries = tries + 1
      where token_hash = ${token_hash} and tries < ${TRIES} and expires_at > ${time} and ${blocked} is null`,
    sql`select * from mfa_challenges where token_hash = ${token_hash}`,
    selectUsers(sql`users.id = ${whose}`),
    selectFactor(whose),
    sql`select ${blocked} as blocked`,
  ]);
  return {
    taken: update?.changes === 1,
    challenge: challenge?.rows[0] as MfaChallengeRow | undefined,
    user: user?.rows[0] as StoredUser | undefined,
    factor: factor?.rows[0] as TotpFactorRow | undefined,
    standing: standing?.rows[0],
  };
}

function isSpent({ tries, expires_at }: MfaChallengeRow, now: Date): boolean {
  return tries >= TRIES || expires_at <= now.toISOString();
}

function invalidCode(tries_left: number): StoaError {
  const detail = tries_left === 0 ? "The mfa_token is not valid, was used, or is too old; log in again." : undefined;
  return new StoaError("invalid_code", { ...(detail !== undefined && { detail }), members: { tries_left } });
}
