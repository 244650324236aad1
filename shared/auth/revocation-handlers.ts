import type { Handler } from "@stoa/bus/types";
import { type Sql, sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { type Entry, entriesOf, forgetAt, revocationEvents } from "./revocation-entries.ts";

/**
 * The projection that fills a service's `revocations` table from identity's events; the service lists it in its
 * `handlers.ts`. Each event also deletes the rows whose tokens had all expired when it happened.
 *
 * @param lifetimeSeconds how long access tokens live
 */
export function revocationHandlers(lifetimeSeconds: number): readonly Handler[] {
  return revocationEvents.map((event) => ({
    kind: "projection",
    event,
    apply: (envelope: Envelope) => statementsOf(entriesOf(envelope), envelope.time, lifetimeSeconds),
  }));
}

const skewMs = 60_000;

/**
 * A rebuild applies old events on top of the present rows. So an event changes no row that is newer by more than a minute,
 * which is more than the clocks of identity's instances differ.
 */
function statementsOf(entries: readonly Entry[], time: string, lifetimeSeconds: number): readonly Sql[] {
  if (entries.length === 0) return [];
  const newest = new Date(Date.parse(time) + skewMs).toISOString();
  const rows = JSON.stringify(entries.map((entry) => [entry.subject, entry.value]));
  return [
    sql`delete from revocations where forget_at <= ${time}`,
    sql`insert into revocations (subject, value, changed_at, forget_at)
      select value ->> 0, value ->> 1, ${time}, ${forgetAt(time, lifetimeSeconds)} from json_each(${rows}) where true
      on conflict (subject) do update set value = excluded.value, changed_at = excluded.changed_at, forget_at = excluded.forget_at
        where revocations.changed_at <= ${newest}`,
  ];
}
