import { type Database, sql } from "@stoa/db";
import type { StreamHead } from "./stream.ts";

/** How often a relay looks whether rows that it copied were redacted since; milliseconds. */
export const redactionsMs = 3_600_000;

const dayMs = 86_400_000;
/** What the broker's clock and ours may differ by. */
const skewMs = 60_000;

/**
 * Whether a stream is to be made anew because it carries what was redacted in its journal. At most once a day: who
 * makes it anew for every person that is erased makes every reader catch up for every one of them. The stream's own
 * age tells, so that nobody has to remember.
 *
 * @param now milliseconds since 1970
 */
export async function carriesRedacted(db: Database, { created }: StreamHead, now: number): Promise<boolean> {
  if (now - created.getTime() < dayMs) return false;
  const since = new Date(created.getTime() - skewMs).toISOString();
  const [row] = await db.query(sql`select 1 from journal where redacted_at > ${since} limit 1`);
  return row !== undefined;
}
