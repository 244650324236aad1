import { among, computed, type Database, derivedId, insertRow, type Sql, select, sql, storedJson } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { journalPage, legible } from "@stoa/journal";
import { webhookCursor, webhookDeliveries, webhooks } from "./table.ts";

/** Events looked at in one turn. */
const EVENTS_AT_ONCE = 100;

/** What a turn looks at: the database with the journal and the webhooks, whose they are, and the time. */
export interface FanOutDeps {
  readonly db: Database;
  readonly service: ServiceName;
  readonly now: () => Date;
}

/**
 * Makes a delivery for each new event of the journal and each webhook that asked for it, together with the move of the
 * cursor: each once, however many processes try.
 *
 * @returns whether there may be more
 * @throws DamagedEvent at an event that cannot be read, when nothing is left to be done before it
 */
export async function fanOut({ db, service, now }: FanOutDeps): Promise<boolean> {
  const state = await stateOf(db);
  if (!state) return false;
  const { from } = state;
  const { rows } = await journalPage(db, from, EVENTS_AT_ONCE);
  const { events, damaged } = legible(service, from, rows, (row, data) => ({ ...row, left_id: leftIn(data) }));
  const last = events.at(-1);
  if (!last) {
    if (damaged) throw damaged;
    return false;
  }
  const scopes = new Set(events.flatMap(({ aggregate_id: id, left_id }) => (left_id === null ? [id] : [id, left_id])));
  const hooks = await db.query(
    select(
      { id: webhooks.id, scope_id: webhooks.scope_id, events: webhooks.events, since_seq: webhooks.since_seq },
      sql`from ${webhooks} where is_active = 1 and scope_id in ${among([...scopes])}`,
    ),
  );
  const unmoved =
    state.seq === null
      ? sql`not exists (select 1 from webhook_cursor)`
      : sql`(select seq from webhook_cursor) = ${state.seq}`;
  const created_at = now().toISOString();
  const deliveries = events.flatMap((event) =>
    hooks
      // Who follows a project learns of what leaves it too.
      .filter((hook) => hook.scope_id === event.aggregate_id || hook.scope_id === event.left_id)
      .filter((hook) => hook.since_seq < event.seq)
      .filter((hook) => storedJson<string[]>(hook.events, "webhooks.events", hook.id).includes(event.type))
      .map((hook): Sql => {
        const row = {
          id: derivedId(event.event_id, `delivery to ${hook.id}`),
          webhook_id: hook.id,
          event_id: event.event_id,
          type: event.type,
          status: "pending" as const,
          next_at: created_at,
          created_at,
        };
        const asks = sql`${unmoved} and exists
          (select 1 from webhooks where id = ${hook.id} and is_active = 1 and since_seq < ${event.seq})`;
        return insertRow(webhookDeliveries, row, asks);
      }),
  );
  const move =
    state.seq === null
      ? insertRow(webhookCursor, { id: 1, seq: last.seq }, unmoved)
      : sql`update webhook_cursor set seq = ${last.seq} where seq = ${state.seq}`;
  await db.write([...deliveries, move]);
  return damaged !== undefined || rows.length === EVENTS_AT_ONCE;
}

/** The `seq` of the last event that went, or did not have to go, to webhooks; undefined when nothing is sent to any. */
export async function fannedOutTo(db: Database): Promise<number | undefined> {
  return (await stateOf(db))?.from;
}

/** Where the cursor is, and after which event to go on; undefined without an active webhook. */
async function stateOf(db: Database): Promise<{ readonly seq: number | null; readonly from: number } | undefined> {
  const [state] = await db.query(
    select(
      {
        floor: computed<number | null>(sql`(select min(since_seq) from webhooks where is_active = 1)`),
        seq: computed<number | null>(sql`(select seq from webhook_cursor where id = 1)`),
      },
      sql``,
    ),
  );
  if (!state || state.floor === null) return undefined;
  // Nobody asked for what is before the oldest webhook.
  return { seq: state.seq, from: Math.max(state.seq ?? 0, state.floor) };
}

/** The project that a task left, of an event that says so. */
function leftIn(data: unknown): string | null {
  const left = typeof data === "object" && data !== null && "from_project_id" in data ? data.from_project_id : null;
  return typeof left === "string" ? left : null;
}
