import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Deps } from "../deps.ts";
import { checkPassword } from "../users/check-password.ts";
import { type StoredUser, selectUsers } from "../users/read-user.ts";
import { issueTokens } from "./issue-tokens.ts";
import type { Tokens } from "./schema.ts";
import type { SessionRow } from "./table.ts";

/**
 * Proves again who asks: tokens of the same session with a fresh `auth_time`. The refresh token is the active one,
 * not rotated, so that a client that keeps its own loses nothing.
 *
 * @throws StoaError `wrong_password`, `session_revoked`
 */
export async function reauthenticate(deps: Deps, actor: Actor, password: string): Promise<Tokens> {
  const proven = await checkPassword(deps, actor.user_id, password);
  const auth_time = Math.floor(deps.now().getTime() / 1_000);
  const same = sql`exists (select 1 from users where id = ${proven.id} and password_hash is ${proven.password_hash})`;
  const [update, session, user] = await deps.db.write([
    sql`update sessions set auth_time = ${auth_time} where id = ${actor.session_id} and ended_at is null and ${same}`,
    sql`select * from sessions where id = ${actor.session_id}`,
    selectUsers(sql`users.id = ${actor.user_id}`),
  ]);
  if (update?.changes !== 1) throw new StoaError("session_revoked");
  return issueTokens(deps, user?.rows[0] as StoredUser, session?.rows[0] as unknown as SessionRow);
}
