import { type Sql, sql } from "@stoa/db";

/**
 * The `updated_at` of a row that an event of another service changes: the event's time, unless the row was changed after
 * it. Such an event may come late, and clients that ask for what changed since then must not miss the row.
 */
export const noEarlier = (time: string): Sql => sql`max(updated_at, ${time})`;
