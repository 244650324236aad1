import { all, insertRow, type Purge, type Sql, sql } from "@stoa/db";
import type { Cause, LoginMethod } from "@stoa/events";
import type { Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import type { PendingLink } from "../external/identity.ts";
import { rightPassword } from "../throttle/failure.ts";
import { loginAttempts } from "../throttle/table.ts";
import { hashOf, newToken } from "../tickets/token.ts";
import type { StoredUser } from "../users/read.ts";
import { mfaChallenges } from "./table.ts";

const LIFE_SECONDS = 300;

/**
 * A part of the first step of a login. The step is no event when it asks for a second factor, so that its effects know
 * only the condition that it happened.
 */
export interface FirstStepPart extends Part {
  readonly effects?: (happened: Sql) => readonly Sql[];
}

/** What the first proof was, and what it brings about once the second is there. */
interface FirstProven {
  readonly method: LoginMethod;
  readonly link: PendingLink | null;
}

/**
 * Asks for the second factor. The answer to `/auth/mfa/verify` carries the token; the database keeps only its hash, so
 * that any process can take it. The audit trail says
 * that the password was right: whoever stole it gets as far as this.
 *
 * @param parts what must still hold of the first proof, and what follows from it
 * @returns the members of `mfa_required`; undefined when a guard did not hold
 */
export async function challenge(
  { db, now }: Pick<Deps, "db" | "now">,
  cause: Cause,
  user: StoredUser,
  { method, link }: FirstProven,
  parts: readonly FirstStepPart[],
): Promise<{ mfa_token: string; expires_in: number } | undefined> {
  const at = now();
  const mfa_token = newToken();
  const token_hash = hashOf(mfa_token);
  const asked = sql`exists (select 1 from mfa_challenges where token_hash = ${token_hash})`;
  const row = {
    token_hash,
    user_id: user.id,
    method,
    link: link && JSON.stringify(link),
    password_changed_at: user.password_changed_at,
    created_at: at.toISOString(),
    expires_at: new Date(at.getTime() + LIFE_SECONDS * 1_000).toISOString(),
  };
  const time = at.toISOString();
  const [inserted] = await db.write([
    insertRow(mfaChallenges, row, all(parts.flatMap(({ guard }) => guard ?? []))),
    insertRow(loginAttempts, rightPassword(cause, user.id, "factor_missing", time), asked),
    ...parts.flatMap(({ effects }) => effects?.(asked) ?? []),
  ]);
  return inserted.changes === 1 ? { mfa_token, expires_in: LIFE_SECONDS } : undefined;
}

/** Challenges go that nobody answered in time. */
export const challengePurge: Purge = {
  table: mfaChallenges,
  past: (now) => sql`${mfaChallenges.expires_at} <= ${now.toISOString()}`,
};
