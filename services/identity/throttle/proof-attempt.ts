import { type Row, type Sql, sql } from "@stoa/db";
import type { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { recordFailure } from "./failure.ts";
import { addressKey, latestBlock, proofKey } from "./keys.ts";
import type { ThrottleDeps } from "./login-attempt.ts";
import type { AttemptKind } from "./table.ts";
import { throttledError } from "./throttled.ts";

/** What someone who is half in proves: a code after the password, or a password asked again. */
export interface ProofAttempt {
  /** Until when nothing is judged: a subquery, null when something is. */
  readonly blocked: Sql;
  /** @throws StoaError `login_throttled` */
  admit(row: Row | undefined): void;
  /** Goes into the guards of what a right proof does. */
  readonly still: Sql;
  /** Counts a wrong proof. @returns what to throw: the given error, or `login_throttled` */
  failed(error: StoaError): Promise<StoaError>;
  /** What a right proof does. */
  succeeded(happened: Sql): Sql;
}

/**
 * Counts such proofs by their user, whatever the device: only someone with the password, or in a session, gets here,
 * so no stranger can shut a user out, and a device that is known guesses no more codes than any other.
 *
 * @param user_id whose proof it is
 */
export function proofAttempt(
  deps: ThrottleDeps,
  cause: Cause,
  kind: Extract<AttemptKind, "code" | "reauthentication">,
  user_id: string,
): ProofAttempt {
  const at = deps.now();
  const key = proofKey(user_id);
  const blocked = latestBlock([key], at.toISOString());
  return {
    blocked,
    admit(row) {
      const until = row?.["blocked"];
      if (typeof until === "string") throw throttledError(until, at);
    },
    still: sql`${blocked} is null`,
    async failed(error) {
      const counted = [key, addressKey(deps.throttle_key, cause)];
      const verdict = await recordFailure(deps, cause, { kind, user_id, name_hash: null, judged: [key], counted });
      if (verdict.judged) return error;
      const now = deps.now();
      return throttledError(verdict.blocked_until ?? now.toISOString(), now);
    },
    succeeded: (happened) => sql`delete from login_throttles where key = ${key.key} and ${happened}`,
  };
}
