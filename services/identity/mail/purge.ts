import { type Purge, sql } from "@stoa/db";
import { tickets } from "../tickets/table.ts";
import { mails } from "./table.ts";

const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

/** Mails go 30 days after they ended, tickets a day after their time. */
export const mailPurges: readonly Purge[] = [
  {
    table: mails,
    past: (now) => sql`${mails.ended_at} <= ${new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString()}`,
  },
  {
    table: tickets,
    past: (now) => sql`${tickets.expires_at} <= ${new Date(now.getTime() - DAY_MS).toISOString()}`,
  },
];
