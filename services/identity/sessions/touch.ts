import { type Database, recentMap, sql, updateRows } from "@stoa/db";
import { sessions } from "./table.ts";

const EVERY_MS = 60_000;
const REMEMBERED = 10_000;

/**
 * Updates a session's `last_seen_at`, at most once a minute: most calls cost nothing.
 *
 * @returns the function to call with each request's session
 */
export function lastSeen({ db, now }: { db: Database; now: () => Date }): (session_id: string) => Promise<void> {
  const touched = recentMap<number>(REMEMBERED);
  return async (session_id) => {
    const time = now().getTime();
    if (time - (touched.get(session_id) ?? 0) < EVERY_MS) return;
    touched.set(session_id, time);
    const before = new Date(time - EVERY_MS).toISOString();
    const stale = sql`id = ${session_id} and ended_at is null and last_seen_at <= ${before}`;
    await db.write([updateRows(sessions, { last_seen_at: new Date(time).toISOString() }, stale)]);
  };
}
