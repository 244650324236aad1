import { type Sql, sql } from "@stoa/db";

/** Gives up whatever waits for a webhook that is switched off. @param happened the condition of the event that says so */
export const giveUp = (webhook_id: string, happened: Sql): Sql =>
  sql`update webhook_deliveries set status = 'failed', next_at = null
    where webhook_id = ${webhook_id} and next_at is not null and ${happened}`;
