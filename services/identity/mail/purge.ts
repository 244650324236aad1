import { type Purge, sql } from "@stoa/db";
import { mailPurge } from "@stoa/mail/purge";
import { tickets } from "../tickets/table.ts";

const DAY_MS = 86_400_000;

/** Mails go 30 days after they ended, tickets a day after their time. */
export const mailPurges: readonly Purge[] = [
  mailPurge,
  {
    table: tickets,
    past: (now) => sql`${tickets.expires_at} <= ${new Date(now.getTime() - DAY_MS).toISOString()}`,
  },
];
