import { pickColumns, type RowOf, type Sql, sql } from "@stoa/db";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import type { Deps } from "../deps.ts";
import { Session, type SessionsQuery } from "./schema.ts";
import { sessions } from "./table.ts";

const ENDED_DAYS = 30;

/** The columns of a session as it is listed. */
export const sessionColumns = pickColumns(sessions, Session.properties);

/**
 * Sessions of a user, newest first.
 *
 * @param current the session of the request
 */
export async function listSessions(
  { db, now, cursor_key }: Pick<Deps, "db" | "now" | "cursor_key">,
  user_id: string,
  current: string,
  { ended = false, ...page }: SessionsQuery,
): Promise<Page<Session>> {
  const at = now();
  const plan = pagePlan(cursor_key, page, {
    name: "sessions",
    filters: { user_id, ended },
    order: [
      { column: sessions.created_at, direction: "desc" },
      { column: sessions.id, direction: "desc" },
    ],
  });
  const where = sql`user_id = ${user_id} and ${ended ? endedSince(at) : liveSessions(at)}`;
  return readPage(db, plan, { columns: sessionColumns, from: sql`${sessions}`, where }, (row) =>
    shapeSession(row, current, at),
  );
}

/** The condition that a session goes on. */
export function liveSessions(now: Date): Sql {
  return sql`ended_at is null and expires_at > ${now.toISOString()}`;
}

function endedSince(now: Date): Sql {
  const since = new Date(now.getTime() - ENDED_DAYS * 86_400_000).toISOString();
  return sql`(ended_at > ${since} or (ended_at is null and expires_at <= ${now.toISOString()}))`;
}

/** A session as the contract shows it. One whose time is over has ended, even before the periodic job ends it. */
export function shapeSession(row: RowOf<typeof sessionColumns>, current: string, now: Date): Session {
  const expired = row.ended_at === null && row.expires_at <= now.toISOString();
  return {
    ...row,
    is_active: row.ended_at === null && !expired,
    current: row.id === current,
    ended_at: expired ? row.expires_at : row.ended_at,
    end_reason: expired ? "expired" : row.end_reason,
  };
}
