import type { Actor } from "@stoa/auth";
import { all, listed, raw, type Sql, select, sql } from "@stoa/db";
import { isNamed, type Named, namedBy, type Page, type PageRequest, pagePlan, readPage } from "@stoa/http/list/index";
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
export function listAudit({ db, cursor_key }: ListDeps, actor: Actor, query: AuditQuery): Promise<Page<AuditEntry>> {
  const { limit, cursor, skip, count, ...filters } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "audit",
    filters: { actor: actor.user_id, ...filters },
    order: [
      { column: "occurred_at", direction: "desc" },
      { column: "id", direction: "desc" },
    ],
  });
  const [events, failures] = [eventEntries(eventsOf(actor, filters)), failureEntries(failuresOf(actor, filters))];
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

function eventsOf(actor: Actor, { user_id, actor_id, type, since, until }: AuditFilter): Sql {
  const conditions = within(since, until);
  if (user_id !== undefined) conditions.push(happenedTo(namedBy(actor, user_id)));
  if (actor_id !== undefined) conditions.push(isNamed(raw("actor_id"), namedBy(actor, actor_id)));
  if (type !== undefined) conditions.push(sql`type in ${listed(type)}`);
  return all(conditions);
}

/** The condition of the events that have one of these users in them; with nobody, those that say nothing of any user. */
function happenedTo({ ids, nobody }: Named): Sql {
  const ofNobody = raw("iif(json_valid(data), data ->> '$.user_id', '') is null");
  if (ids.length === 0 && nobody) return ofNobody;
  const theirs = sql`aggregate_id in ${listed(ids)} or entity_id in ${listed(ids)}`;
  return nobody ? sql`${theirs} or ${ofNobody}` : theirs;
}

function failuresOf(actor: Actor, { user_id, actor_id, type, since, until }: AuditFilter): Sql {
  const conditions = within(since, until);
  if (user_id !== undefined) conditions.push(isNamed(raw("user_id"), namedBy(actor, user_id)));
  // A failed login has no actor.
  if (actor_id !== undefined && !namedBy(actor, actor_id).nobody) conditions.push(raw("0"));
  if (type !== undefined) conditions.push(sql`${failureType} in ${listed(type)}`);
  return all(conditions);
}

function within(since: string | undefined, until: string | undefined): Sql[] {
  return [
    ...(since === undefined ? [] : [sql`time >= ${since}`]),
    ...(until === undefined ? [] : [sql`time < ${until}`]),
  ];
}
