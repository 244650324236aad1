import { newId, parseJson, type Sql, sql } from "@stoa/db";
import type { LoginMethod } from "@stoa/events";
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

type Limits = Pick<Deps, "refresh_token_days" | "corporate">;

/** The days after which a session ends, however often it is refreshed. */
function mostDays({ corporate }: Limits, method: LoginMethod): number {
  return method === "external" ? Math.min(corporate.session_days, MAX_SESSION_DAYS) : MAX_SESSION_DAYS;
}

/** When a session that begins now ends, unless it is refreshed. */
export function firstExpiry(limits: Limits, now: Date, method: LoginMethod): string {
  const days = Math.min(limits.refresh_token_days, mostDays(limits, method));
  return new Date(now.getTime() + days * DAY_MS).toISOString();
}

/**
 * When a session that is refreshed now ends: after the refresh days, at most 90 days after it began, or after
 * `CORPORATE_SESSION_DAYS` if it began with a corporate login.
 */
export function refreshExpiry(limits: Limits, now: Date): Sql {
  const seconds = (method: LoginMethod) => `+${Math.round(mostDays(limits, method) * 86_400)} seconds`;
  const most = sql`iif(method = 'external', ${seconds("external")}, ${seconds("password")})`;
  const latest = sql`strftime('%Y-%m-%dT%H:%M:%fZ', created_at, ${most})`;
  return sql`min(${new Date(now.getTime() + limits.refresh_token_days * DAY_MS).toISOString()}, ${latest})`;
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
    roles: parseJson<string[]>(user.roles),
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
