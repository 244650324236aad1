import { type Purge, sql } from "@stoa/db";
import { mails } from "./table.ts";

const KEPT_MS = 30 * 86_400_000;

/** Mails go 30 days after they ended. */
export const mailPurge: Purge = {
  table: mails,
  past: (now) => sql`${mails.ended_at} <= ${new Date(now.getTime() - KEPT_MS).toISOString()}`,
};
