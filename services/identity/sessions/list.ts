import { type Sql, sql } from "@stoa/db";
import type { PageQuery } from "@stoa/http";
import { mapItems, type Page, pagePlan } from "@stoa/http";
import type { Deps } from "../deps.ts";
import type { Session } from "./schema.ts";
import type { SessionRow } from "./table.ts";

const ENDED_DAYS = 30;

/** What is asked of a user's sessions. */
export interface SessionsRequest extends PageQuery {
  /** Those that ended within 30 days, instead of the live ones. */
  readonly ended?: boolean | undefined;
}

/**
 * Sessions of a user, newest first.
 *
 * @param current the session that asks
 */
export async function listSessions(
  deps: Pick<Deps, "db" | "now" | "cursor_key">,
  user_id: string,
  current: string,
  { ended = false, ...page }: SessionsRequest,
): Promise<Page<Session>> {
  const now = deps.now();
  const mine = sql`user_id = ${user_id} and ${ended ? endedSince(now) : live(now)}`;
  const plan = pagePlan(deps.cursor_key, page, {
    name: "sessions",
    filters: { user_id, ended },
    order: [
      { column: "created_at", direction: "desc" },
      { column: "id", direction: "desc" },
    ],
  });
  const [rows = [], [total] = []] = await deps.db.queryAll([
    sql`select * from sessions where ${mine} and ${plan.where} order by ${plan.order} limit ${plan.limit}`,
    ...(plan.count ? [sql`select count(*) as total from sessions where ${mine}`] : []),
  ]);
  const shape = (row: SessionRow) => shapeSession(row, current, now);
  return mapItems(plan.finish(rows as SessionRow[], total?.["total"] as number | undefined), shape);
}

function live(now: Date): Sql {
  return sql`ended_at is null and expires_at > ${now.toISOString()}`;
}

function endedSince(now: Date): Sql {
  const since = new Date(now.getTime() - ENDED_DAYS * 86_400_000).toISOString();
  return sql`(ended_at > ${since} or (ended_at is null and expires_at <= ${now.toISOString()}))`;
}

/** A session as the contract shows it. One past its time has ended, whether the periodic job has come by or not. */
function shapeSession(row: SessionRow, current: string, now: Date): Session {
  const expired = row.ended_at === null && row.expires_at <= now.toISOString();
  return {
    id: row.id,
    device_info: row.device_info,
    ip_address: row.ip_address,
    is_active: row.ended_at === null && !expired,
    current: row.id === current,
    created_at: row.created_at,
    last_seen_at: row.last_seen_at,
    expires_at: row.expires_at,
    ended_at: expired ? row.expires_at : row.ended_at,
    end_reason: expired ? "expired" : row.end_reason,
  };
}
