import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import type { Deps } from "../deps.ts";
import { selectUsers } from "../users/read.ts";
import { issueTokens } from "./issue-tokens.ts";
import { selectSession } from "./read.ts";
import { endReused, requireLive } from "./refresh.ts";
import type { Refresh, RenewedToken } from "./schema.ts";

/**
 * Gives a new access token and leaves the refresh token as it is: what `LEGACY_REFRESH` allows clients that keep the
 * refresh token of their login until it expires. The session does not get longer by it. A token that was rotated before
 * ends the session, as everywhere.
 *
 * @returns a Response, because it is less than what the operation answers
 * @throws StoaError `invalid_refresh_token`, `refresh_token_expired`, `refresh_token_reused`, `session_revoked`
 */
export async function renewForOlder(deps: Deps, cause: Cause, { refresh_token }: Refresh): Promise<Response> {
  const token = deps.refreshTokens.read(refresh_token);
  if (!token) throw new StoaError("invalid_refresh_token");
  const [[session], [user]] = await deps.db.queryAll([
    selectSession(token.session_id),
    selectUsers(sql`users.id = (select user_id from sessions where id = ${token.session_id})`),
  ]);
  if (!session || !user) throw new StoaError("session_revoked");
  requireLive(session, user, deps.now());
  if (token.counter < session.counter) {
    await endReused(deps, cause, session, token);
    throw new StoaError("refresh_token_reused");
  }
  if (token.counter > session.counter) throw new StoaError("invalid_refresh_token");
  const { access_token, token_type, expires_in } = await issueTokens(deps, user, session);
  return Response.json({ access_token, token_type, expires_in } satisfies RenewedToken);
}
