import { type Purge, sql } from "@stoa/db";
import { mailDigests } from "./table.ts";

/** Longer than any day of any time zone. */
const KEPT_MS = 3 * 86_400_000;

/** That a mail was made for a day is forgotten when that day is over everywhere. */
export const digestPurge: Purge = {
  table: mailDigests,
  past: (now) => sql`${mailDigests.created_at} <= ${new Date(now.getTime() - KEPT_MS).toISOString()}`,
};
