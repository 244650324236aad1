import type { RevocationEvent } from "@stoa/auth";
import { listed, type RowOf, type Select, select, sql, storedJson } from "@stoa/db";
import type { EventName } from "@stoa/events";
import { type Appended, journal } from "@stoa/journal";

const { type, time, data } = journal;
const columns = { type, time, data };

/** What an event says. */
export type Happened = RowOf<typeof columns>;

/** Selects what events say, as the answer of their command. */
export function whatHappened(...events: readonly Pick<Appended, "event_id">[]): Select<Happened> {
  const ids = events.map(({ event_id }) => event_id);
  return select(columns, sql`from ${journal} where event_id in ${listed(ids)}`);
}

/** Tells this process's revocation set what was just committed, so that the next request here sees it. */
export function announce(deps: { readonly revoke: (event: RevocationEvent) => void }, rows: readonly Happened[]): void {
  for (const row of rows) {
    deps.revoke({
      type: `stoa.identity.${row.type as EventName}.v1`,
      time: row.time,
      data: storedJson(row.data, `journal.data of identity, ${row.type} at`, row.time),
    } as RevocationEvent);
  }
}
