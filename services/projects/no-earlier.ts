import { type Sql, sql } from "@stoa/db";

/**
 * The `updated_at` of a row that an event of another service changes: the event's time, unless the row was changed after
 * it. A task that changes by one has the time of the commit in `changed_at` besides: the event may come late, and clients
 * that ask for what has changed since then must not miss it.
 */
export const noEarlier = (time: string): Sql => sql`max(updated_at, ${time})`;
