import { type Database, sql } from "@stoa/db";
import type { StreamHead } from "./stream.ts";

/** How often a relay checks whether rows that it has published were redacted since; milliseconds. */
export const redactionsMs = 3_600_000;

const dayMs = 86_400_000;
/** By how much NATS's clock and ours may differ; milliseconds. */
const skewMs = 60_000;

/**
 * Whether a stream must be made again because it carries data that was redacted in its journal. This happens at most
 * once a day, because every reader has to catch up afterwards, and users are erased more often than that. The age of
 * the stream decides, so that no state has to be kept.
 *
 * @param now milliseconds since 1970
 */
export async function carriesRedacted(db: Database, { created }: StreamHead, now: number): Promise<boolean> {
  if (now - created.getTime() < dayMs) return false;
  const since = new Date(created.getTime() - skewMs).toISOString();
  const [row] = await db.query(sql`select 1 from journal where redacted_at > ${since} limit 1`);
  return row !== undefined;
}
