import { newId, sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { type StoredUser, selectUsers } from "../users/read.ts";
import { endsSessions } from "./end.ts";
import { issueTokens, refreshExpiry } from "./issue-tokens.ts";
import { selectSession } from "./read.ts";
import type { RefreshToken } from "./refresh-token.ts";
import type { Refresh, Tokens } from "./schema.ts";
import { type SessionRow, sessions } from "./table.ts";

/** How long after a rotation the token before it still gives the active one: two requests of one client overlap. */
const GRACE_MS = 10_000;

/**
 * Gives the next tokens of a session, and rotates its refresh token.
 *
 * The active token is replaced by its child in one write on the session's own row, which only one of several
 * requests can win. The others, and a client that lost the answer, get that same child. Any older token can only be
 * a copy: the session ends. No other session is touched by any of it.
 *
 * @param key the `Idempotency-Key`: a retry with the rotation's own key gets the active token however late it comes
 * @throws StoaError `invalid_refresh_token`, `refresh_token_expired`, `refresh_token_reused`, `session_revoked`
 *
 * Source: RFC 9700, section 4.14.2 (refresh token rotation).
 */
export async function refresh(
  deps: Deps,
  cause: Cause,
  { refresh_token }: Refresh,
  key: string | null,
): Promise<Tokens> {
  const token = deps.refreshTokens.read(refresh_token);
  if (!token) throw new StoaError("invalid_refresh_token");
  const { rotated, session, user } = await rotate(deps, token, key);
  if (!session || !user) throw new StoaError("session_revoked");
  if (rotated) return issueTokens(deps, user, session);
  const now = deps.now();
  requireLive(session, user, now);
  if (token.counter === session.counter - 1 && mayRepeat(session, key, now)) return issueTokens(deps, user, session);
  if (token.counter < session.counter) await endReused(deps, cause, session, token);
  throw new StoaError(token.counter < session.counter ? "refresh_token_reused" : "invalid_refresh_token");
}

/** Moves the counter on if this is the active token of a live session, and reads the session and its user. */
async function rotate(deps: Deps, token: RefreshToken, key: string | null) {
  const now = deps.now();
  const time = now.toISOString();
  const next = {
    counter: sql`counter + 1`,
    rotated_at: time,
    rotation_key: key,
    last_seen_at: time,
    expires_at: refreshExpiry(deps, now),
  };
  const active = sql`id = ${token.session_id} and counter = ${token.counter} and ended_at is null
    and expires_at > ${time} and exists (select 1 from users where users.id = sessions.user_id and is_active = 1)`;
  const [update, { rows: found }, { rows: owners }] = await deps.db.write([
    updateRows(sessions, next, active),
    selectSession(token.session_id),
    selectUsers(sql`users.id = (select user_id from sessions where id = ${token.session_id})`),
  ]);
  return { rotated: update.changes === 1, session: found[0], user: owners[0] };
}

/** @throws StoaError `refresh_token_expired`, `session_revoked` unless the session can still give tokens */
export function requireLive(session: SessionRow, user: StoredUser, now: Date): void {
  const expired =
    session.ended_at === null ? session.expires_at <= now.toISOString() : session.end_reason === "expired";
  if (expired) throw new StoaError("refresh_token_expired");
  if (session.ended_at !== null || user.is_active !== 1) throw new StoaError("session_revoked");
}

/** Whether the token before the active one may still get the active one. */
function mayRepeat({ rotated_at, rotation_key }: SessionRow, key: string | null, now: Date): boolean {
  if (key !== null && key === rotation_key) return true;
  return rotated_at !== null && now.getTime() - Date.parse(rotated_at) <= GRACE_MS;
}

/** Ends a session of whose refresh token someone holds a copy. Both of its events are in the journal, or neither. */
export async function endReused(deps: Deps, cause: Cause, session: SessionRow, token: RefreshToken): Promise<void> {
  const time = deps.now().toISOString();
  const { id: session_id, user_id } = session;
  const theirs = { ...cause, session_id };
  const event_id = newId();
  const reused: Part = {
    guard: sql`exists (select 1 from sessions
      where id = ${session_id} and ended_at is null and counter > ${token.counter})`,
  };
  const ending = { user_id, reason: "reuse", which: sql`id = ${session_id}` } as const;
  const rows = await command(
    deps.db,
    theirs,
    {
      type: "session.reuse_detected",
      aggregate_id: user_id,
      entity_id: session_id,
      time,
      data: { user_id, session_id },
    },
    [reused, endsSessions(theirs, ending, time, event_id)],
    whatHappened({ event_id }),
  );
  announce(deps, rows ?? []);
}
