import { type Row, type Sql, sql } from "@stoa/db";
import type { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { recordFailure } from "./failure.ts";
import { addressKey, latestBlock, type ProofKind, proofKey } from "./keys.ts";
import type { ThrottleDeps } from "./login-attempt.ts";
import { throttledError } from "./throttled.ts";

/** What someone who is half in proves: a code after the password, or a password asked again. */
export interface ProofAttempt {
  /**
   * @param row of `select ${proofBlock(…)} as blocked`
   * @throws StoaError `login_throttled`
   */
  admit(row: Row | undefined): void;
  /** Whether there are failures to forget: a subquery, 1 or 0. */
  readonly failedBefore: Sql;
  /** Goes into the guards of what a right proof does. */
  readonly still: Sql;
  /** Counts a wrong proof. @returns what to throw: the given error, or `login_throttled` */
  failed(error: StoaError): Promise<StoaError>;
  /** What a right proof does. */
  succeeded(happened: Sql): Sql;
}

/** Until when no such proof of a user is judged: a subquery, null when it is. */
export function proofBlock(kind: ProofKind, user_id: Sql, time: string): Sql {
  return sql`(select blocked_until from login_throttles
    where key = ${proofKey(kind, "").key} || ${user_id} and blocked_until > ${time})`;
}

/**
 * Counts such proofs by their user, whatever the device: only someone with the password, or in a session, gets here,
 * so no stranger can shut a user out, and a device that is known guesses no more codes than any other.
 *
 * @param user_id whose proof it is
 */
export function proofAttempt(deps: ThrottleDeps, cause: Cause, kind: ProofKind, user_id: string): ProofAttempt {
  const at = deps.now();
  const key = proofKey(kind, user_id);
  return {
    admit(row) {
      const until = row?.["blocked"];
      if (typeof until === "string") throw throttledError(until, at);
    },
    failedBefore: sql`exists (select 1 from login_throttles where key = ${key.key})`,
    still: sql`${latestBlock([key], at.toISOString())} is null`,
    async failed(error) {
      // A code completes a login; a password asked again in a session is none, and shuts out nobody at its address.
      const counted = kind === "code" ? [key, addressKey(deps.throttle_key, cause)] : [key];
      const verdict = await recordFailure(deps, cause, { kind, user_id, name_hash: null, judged: [key], counted });
      if (verdict.judged) return error;
      const now = deps.now();
      return throttledError(verdict.blocked_until ?? now.toISOString(), now);
    },
    succeeded: (happened) => sql`delete from login_throttles where key = ${key.key} and ${happened}`,
  };
}
