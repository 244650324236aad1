import { computed, type RowsOf, raw, type Sql, select, sql } from "@stoa/db";
import type { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import type { Part } from "@stoa/journal";
import { recordFailure, throttledError } from "./failure.ts";
import { addressKey, blocksAt, latestBlock, type ProofKind, proofKey } from "./keys.ts";
import type { ThrottleDeps } from "./login-attempt.ts";

/** Until when a user's proofs of one kind are not judged, and whether (1 or 0) failures of them are counted. */
export type ProofBlock = RowsOf<ReturnType<typeof selectProofBlock>>;

/** A proof by someone past the first step, or in a session: a code after the password, or the password asked again. */
export interface ProofAttempt {
  /**
   * @param row of {@link selectProofBlock}
   * @throws StoaError `login_throttled`
   */
  admit(row: ProofBlock | undefined): void;
  /** The part of a command that a right proof makes: nothing blocks the proof, and its failures are forgotten. */
  readonly right: Part;
  /** Forgets its failures. @param when a condition, the event of a command say */
  forget(when: Sql): Sql;
  /** Counts a wrong proof. @returns what to throw: the given error, or `login_throttled` */
  failed(error: StoaError): Promise<StoaError>;
}

/** The condition that no proof of this kind by a user is blocked. */
export function proofUnblocked(kind: ProofKind, user_id: Sql, time: string): Sql {
  return sql`${blockOf(kind, user_id, time)} is null`;
}

/** Selects what `admit` of {@link proofAttempt} goes by. */
export function selectProofBlock(kind: ProofKind, user_id: Sql, time: string) {
  const failures = sql`exists (select 1 from login_throttles where key = ${keyOf(kind, user_id)})`;
  return select(
    { until: computed<string | null>(blockOf(kind, user_id, time)), failures: computed<number>(failures) },
    raw(""),
  );
}

/**
 * Counts such proofs by their user, whatever the device: only someone with the password, or in a session, gets here,
 * so no stranger can block a user, and a known device guesses no more codes than any other.
 *
 * @param user_id whose proof it is
 */
export function proofAttempt(deps: ThrottleDeps, cause: Cause, kind: ProofKind, user_id: string): ProofAttempt {
  const at = deps.now();
  const key = proofKey(kind, user_id);
  const forget = (when: Sql) => sql`delete from login_throttles where key = ${key.key} and ${when}`;
  return {
    admit(row) {
      if (typeof row?.until === "string") throw throttledError(row.until, at);
    },
    right: {
      guard: sql`${latestBlock([key], at.toISOString())} is null`,
      effects: (happened) => [forget(happened)],
    },
    forget,
    async failed(error) {
      // A code completes a login; a password asked again in a session does not, and blocks nobody at its address.
      const counted = kind === "code" ? [key, addressKey(deps.throttle_key, cause)] : [key];
      const verdict = await recordFailure(deps, cause, { kind, user_id, name_hash: null, judged: [key], counted });
      if (verdict.judged) return error;
      const now = deps.now();
      return throttledError(verdict.blocked_until ?? now.toISOString(), now);
    },
  };
}

function blockOf(kind: ProofKind, user_id: Sql, time: string): Sql {
  return sql`(select blocked_until from login_throttles
    where key = ${keyOf(kind, user_id)} and ${blocksAt(time)})`;
}

function keyOf(kind: ProofKind, user_id: Sql): Sql {
  return sql`${proofKey(kind, "").key} || ${user_id}`;
}
