import { type Sql, sql } from "@stoa/db";

const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;

/** Deletes at most a thousand mails that ended more than 30 days ago, and as many tickets past their time. */
export function purgeMails(now: Date): readonly Sql[] {
  const mailsBefore = new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString();
  const ticketsBefore = new Date(now.getTime() - DAY_MS).toISOString();
  return [
    sql`delete from mails where id in (select id from mails where ended_at <= ${mailsBefore} limit 1000)`,
    sql`delete from tickets where id in (select id from tickets where expires_at <= ${ticketsBefore} limit 1000)`,
  ];
}
