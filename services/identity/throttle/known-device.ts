import { type Sql, sql } from "@stoa/db";

const KNOWN_MS = 30 * 86_400_000;

/** A device is known whose last login was after this. */
export function knownSince(now: Date): string {
  return new Date(now.getTime() - KNOWN_MS).toISOString();
}

/** Remembers the device that a user has logged in from. */
export function rememberDevice(user_id: string, device_hash: string, now: Date, happened: Sql): Sql {
  return sql`insert into known_devices (user_id, device_hash, last_login_at)
    select ${user_id}, ${device_hash}, ${now.toISOString()} where ${happened}
    on conflict (user_id, device_hash) do update set last_login_at = excluded.last_login_at`;
}
