import { type Purge, sql } from "@stoa/db";
import { invitations } from "./table.ts";

const KEPT_DAYS = 30;

/**
 * Invitations go 30 days after they expired, whatever became of them: they hold addresses of people who may not be users.
 */
export const invitationPurge: Purge = {
  table: invitations,
  past: (now) => sql`${invitations.expires_at} <= ${new Date(now.getTime() - KEPT_DAYS * 86_400_000).toISOString()}`,
};
