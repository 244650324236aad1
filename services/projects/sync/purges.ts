import { type Purge, sql } from "@stoa/db";
import { accessChanges, tombstones } from "./table.ts";

/** How long a client may stay away and still learn from changes alone what to drop; in days. */
export const syncDays = 365;

/** What a client that was away for longer finds out by reading everything again. */
export const syncPurges: readonly Purge[] = [
  { table: tombstones, past: (now) => sql`${tombstones.deleted_at} <= ${oldest(now)}` },
  { table: accessChanges, past: (now) => sql`${accessChanges.changed_at} <= ${oldest(now)}` },
];

function oldest(now: Date): string {
  return new Date(now.getTime() - syncDays * 86_400_000).toISOString();
}
