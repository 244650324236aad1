import { computed, type Database, derivedId, insertRow, raw, type Sql, select, sql } from "@stoa/db";
import { journal } from "@stoa/journal";
import { webhookCursor, webhookDeliveries, webhooks } from "./table.ts";

/** Events looked at in one turn. */
const EVENTS_AT_ONCE = 100;

/** What a turn looks at: the database with the journal and the webhooks, and the time. */
export interface FanOutDeps {
  readonly db: Database;
  readonly now: () => Date;
}

/**
 * Makes a delivery for each new event of the journal and each webhook that asked for it, together with the move of the
 * cursor: each once, however many processes try.
 *
 * @returns whether there may be more
 */
export async function fanOut({ db, now }: FanOutDeps): Promise<boolean> {
  const [state] = await db.query(
    select(
      {
        floor: computed<number | null>(sql`(select min(since_seq) from webhooks where is_active = 1)`),
        seq: computed<number | null>(sql`(select seq from webhook_cursor where id = 1)`),
      },
      sql``,
    ),
  );
  if (!state || state.floor === null) return false;
  // Nobody asked for what is before the oldest webhook.
  const from = Math.max(state.seq ?? 0, state.floor);
  const { seq, event_id, type, aggregate_id } = journal;
  const events = await db.query(
    select(
      { seq, event_id, type, aggregate_id, left_id: computed<string | null>(raw("data ->> '$.from_project_id'")) },
      sql`from ${journal} where seq > ${from} order by seq limit ${EVENTS_AT_ONCE}`,
    ),
  );
  const last = events.at(-1);
  if (!last) return false;
  const scopes = JSON.stringify([
    ...new Set(events.flatMap(({ aggregate_id: id, left_id }) => [id, ...(left_id === null ? [] : [left_id])])),
  ]);
  const hooks = await db.query(
    select(
      { id: webhooks.id, scope_id: webhooks.scope_id, events: webhooks.events, since_seq: webhooks.since_seq },
      sql`from ${webhooks} where is_active = 1 and scope_id in (select value from json_each(${scopes}))`,
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
      .filter((hook) => (JSON.parse(hook.events) as string[]).includes(event.type))
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
        const asks = sql`${unmoved} and exists (select 1 from webhooks where id = ${hook.id} and is_active = 1)`;
        return insertRow(webhookDeliveries, row, asks);
      }),
  );
  const move =
    state.seq === null
      ? insertRow(webhookCursor, { id: 1, seq: last.seq }, unmoved)
      : sql`update webhook_cursor set seq = ${last.seq} where seq = ${state.seq}`;
  await db.write([...deliveries, move]);
  return events.length === EVENTS_AT_ONCE;
}
