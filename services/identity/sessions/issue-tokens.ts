import { newId, type Sql, sql } from "@stoa/db";
import type { Deps } from "../deps.ts";
import type { StoredUser } from "../users/read.ts";
import { amrOf } from "./amr.ts";
import type { Tokens } from "./schema.ts";
import type { SessionRow } from "./table.ts";

/** What tokens say of a session. */
export type TokenSession = Pick<SessionRow, "id" | "counter" | "auth_time" | "second_factor" | "expires_at">;

/** Longest life of a session, however often it is refreshed. */
const MAX_SESSION_DAYS = 90;
const DAY_MS = 86_400_000;

/** When a session that begins now ends, unless it is refreshed. */
export function firstExpiry({ refresh_token_days }: Pick<Deps, "refresh_token_days">, now: Date): string {
  return new Date(now.getTime() + Math.min(refresh_token_days, MAX_SESSION_DAYS) * DAY_MS).toISOString();
}

/** When a session that is refreshed now ends: after the refresh days, at most 90 days after it began. */
export function refreshExpiry(deps: Pick<Deps, "refresh_token_days">, now: Date): Sql {
  const latest = sql`strftime('%Y-%m-%dT%H:%M:%fZ', created_at, ${`+${MAX_SESSION_DAYS} days`})`;
  return sql`min(${firstExpiry(deps, now)}, ${latest})`;
}

/** A new access token and the session's active refresh token. An access token never outlives its session. */
export async function issueTokens(deps: Deps, user: StoredUser, session: TokenSession): Promise<Tokens> {
  const now = Math.floor(deps.now().getTime() / 1_000);
  const exp = Math.min(now + deps.access_token_seconds, Math.floor(Date.parse(session.expires_at) / 1_000));
  const signer = await deps.keys.signer();
  const access_token = await signer.sign({
    iss: deps.issuer,
    aud: deps.audience,
    sub: user.id,
    sid: session.id,
    jti: newId(),
    exp,
    auth_time: session.auth_time,
    amr: amrOf(session),
    roles: JSON.parse(user.roles),
    is_superuser: user.is_superuser === 1,
    username: user.username,
  });
  return {
    access_token,
    refresh_token: deps.refreshTokens.write({ session_id: session.id, counter: session.counter }),
    token_type: "bearer",
    expires_in: exp - now,
    session_id: session.id,
  };
}
