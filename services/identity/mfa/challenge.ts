import { insertRow, type Sql, sql } from "@stoa/db";
import type { LoginMethod } from "@stoa/events";
import type { Deps } from "../deps.ts";
import { hashOf, newToken } from "../tickets/token.ts";
import type { StoredUser } from "../users/read.ts";
import { mfaChallenges } from "./table.ts";

const LIFE_SECONDS = 300;

/** The first proof of a user with a second factor. */
export interface Challenged {
  readonly method: LoginMethod;
  /** What must still hold of the user's row. */
  readonly still: Sql;
  /** What else happens with it. */
  readonly effects?: (happened: Sql) => readonly Sql[];
}

/**
 * Asks for the second factor: the answer to `/auth/mfa/verify` carries the token, of which the hash is kept, so that
 * any process can take it.
 *
 * @returns the members of `mfa_required`; undefined when the first proof does not hold any more
 */
export async function challenge(
  { db, now }: Pick<Deps, "db" | "now">,
  user: StoredUser,
  { method, still, effects }: Challenged,
): Promise<{ mfa_token: string; expires_in: number } | undefined> {
  const at = now();
  const mfa_token = newToken();
  const token_hash = hashOf(mfa_token);
  const asked = sql`exists (select 1 from mfa_challenges where token_hash = ${token_hash})`;
  const [inserted] = await db.write([
    insertRow(
      mfaChallenges,
      {
        token_hash,
        user_id: user.id,
        method,
        password_changed_at: user.password_changed_at,
        created_at: at.toISOString(),
        expires_at: new Date(at.getTime() + LIFE_SECONDS * 1_000).toISOString(),
      },
      sql`exists (select 1 from users where id = ${user.id} and is_active = 1 and mfa_enabled = 1 and ${still})`,
    ),
    ...(effects?.(asked) ?? []),
  ]);
  return inserted?.changes === 1 ? { mfa_token, expires_in: LIFE_SECONDS } : undefined;
}

/** Deletes at most a thousand that nobody answered in time: for maintenance. */
export function purgeChallenges(now: Date): Sql {
  return sql`delete from mfa_challenges where token_hash in
    (select token_hash from mfa_challenges where expires_at <= ${now.toISOString()} limit 1000)`;
}
