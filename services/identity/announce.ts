import type { RevocationEvent } from "@stoa/auth";
import { type Row, type Sql, sql } from "@stoa/db";
import type { EventName } from "@stoa/events";
import type { Appended } from "@stoa/journal";

/** Selects what an event says, as the answer of its command. */
export function whatHappened(event: Appended): Sql {
  return sql`select type, time, data from journal where event_id = ${event.event_id}`;
}

/** Tells this process's revocation set what was just committed: the next request here sees it. */
export function announce(deps: { readonly revoke: (event: RevocationEvent) => void }, rows: readonly Row[]): void {
  for (const row of rows) {
    deps.revoke({
      type: `stoa.identity.${row["type"] as EventName}.v1`,
      time: String(row["time"]),
      data: JSON.parse(String(row["data"])),
    } as RevocationEvent);
  }
}
