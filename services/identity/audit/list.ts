import { all, raw, type Sql, select, sql } from "@stoa/db";
import { type Page, type PageRequest, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { entryColumns, eventEntries, failureEntries, failureType, shapeEntry } from "./entry.ts";
import type { AuditEntry, AuditQuery } from "./schema.ts";

type AuditFilter = Omit<AuditQuery, keyof PageRequest>;

/**
 * The audit trail, newest first: the journal, and the failed logins of the last 30 days. Redacted events are listed
 * without the names and addresses that were removed.
 *
 * @throws StoaError `invalid_cursor`.
 */
export function listAudit({ db, cursor_key }: ListDeps, query: AuditQuery): Promise<Page<AuditEntry>> {
  const { limit, cursor, skip, count, ...filters } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "audit",
    filters,
    order: [
      { column: "occurred_at", direction: "desc" },
      { column: "id", direction: "desc" },
    ],
  });
  const [events, failures] = [eventEntries(eventsOf(filters)), failureEntries(failuresOf(filters))];
  // Each of the two is read by its own index on time, as far as the page could need; then they are merged.
  const newest = (entries: Sql) =>
    select(
      entryColumns,
      sql`from (select * from (${entries})
      where ${plan.where} order by ${plan.order} limit ${plan.offset + plan.size})`,
    );
  const page = sql`from (${newest(events)} union all ${newest(failures)}) order by ${plan.order} limit ${plan.limit}`;
  // No index has what the filters say in the order of time, so that any of them may look at the whole journal.
  const scans = Object.values(filters).some((value) => value !== undefined);
  const source = { columns: entryColumns, from: sql`(${events} union all ${failures})`, where: raw("1"), page, scans };
  return readPage(db, plan, source, shapeEntry);
}

function eventsOf({ user_id, actor_id, type, since, until }: AuditFilter): Sql {
  const conditions = within(since, until);
  if (user_id !== undefined) conditions.push(sql`aggregate_id = ${user_id} or entity_id = ${user_id}`);
  if (actor_id !== undefined) conditions.push(sql`actor_id = ${actor_id}`);
  if (type !== undefined) conditions.push(sql`type = ${type}`);
  return all(conditions);
}

function failuresOf({ user_id, actor_id, type, since, until }: AuditFilter): Sql {
  const conditions = within(since, until);
  if (user_id !== undefined) conditions.push(sql`user_id = ${user_id}`);
  // A failed login has no actor.
  if (actor_id !== undefined) conditions.push(raw("0"));
  if (type !== undefined) conditions.push(sql`${failureType} = ${type}`);
  return all(conditions);
}

function within(since: string | undefined, until: string | undefined): Sql[] {
  return [
    ...(since === undefined ? [] : [sql`time >= ${since}`]),
    ...(until === undefined ? [] : [sql`time < ${until}`]),
  ];
}
