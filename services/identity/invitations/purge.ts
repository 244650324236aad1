import { type Sql, sql } from "@stoa/db";

const KEPT_DAYS = 30;

/**
 * Deletes at most a thousand invitations that expired more than 30 days ago, whatever became of them: they hold addresses
 * of people who may not be users.
 */
export function purgeInvitations(now: Date): Sql {
  const before = new Date(now.getTime() - KEPT_DAYS * 86_400_000).toISOString();
  return sql`delete from invitations where id in
    (select id from invitations where expires_at <= ${before} limit 1000)`;
}
