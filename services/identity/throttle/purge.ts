import { type Sql, sql } from "@stoa/db";
import { knownSince } from "./known-device.ts";

const KEPT_MS = 30 * 86_400_000;

/** Deletes what the throttle no longer needs, at most a thousand rows of each table: for maintenance. */
export function purgeThrottle(now: Date): Sql[] {
  const before = new Date(now.getTime() - KEPT_MS).toISOString();
  return [
    sql`delete from login_attempts where id in (select id from login_attempts where time <= ${before} limit 1000)`,
    sql`delete from login_throttles where key in
      (select key from login_throttles where forgotten_at <= ${now.toISOString()} limit 1000)`,
    sql`delete from known_devices where rowid in
      (select rowid from known_devices where last_login_at <= ${knownSince(now)} limit 1000)`,
  ];
}
