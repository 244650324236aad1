import { all, raw, type Sql, sql } from "@stoa/db";
import type { PageQuery } from "@stoa/http";
import { mapItems, type Page, pagePlan } from "@stoa/http";
import type { Deps } from "../deps.ts";
import type { AuditEntry } from "./schema.ts";

/** What narrows the audit trail. */
export interface AuditFilters {
  readonly user_id?: string | undefined;
  readonly actor_id?: string | undefined;
  readonly type?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

interface Entry extends Omit<AuditEntry, "data"> {
  readonly data: string;
}

/** The name under which the trail shows single failed logins, which are no events. */
export const FAILED_LOGIN = "login.failed";

/**
 * What happened, newest first: the journal, and the failed logins of the last 30 days. Of rows that were redacted what
 * is left is shown.
 */
export async function listAudit(
  deps: Pick<Deps, "db" | "cursor_key">,
  { user_id, actor_id, type, since, until, ...page }: PageQuery & AuditFilters,
): Promise<Page<AuditEntry>> {
  const filters = { user_id, actor_id, type, since, until };
  const plan = pagePlan(deps.cursor_key, page, {
    name: "audit",
    filters,
    order: [
      { column: "occurred_at", direction: "desc" },
      { column: "id", direction: "desc" },
    ],
  });
  // Each of the two gives as many as the page could need, by its own index on time; then they are merged.
  const enough = sql`where ${plan.where} order by occurred_at desc, id desc limit ${plan.offset + plan.size}`;
  const sources = [events(filters), failures(filters)];
  const entries = sql`select * from (select * from (${sources[0] ?? raw("")}) ${enough})
    union all select * from (select * from (${sources[1] ?? raw("")}) ${enough})
    order by occurred_at desc, id desc limit ${plan.limit}`;
  const total = sql`select (select count(*) from (${sources[0] ?? raw("")}))
    + (select count(*) from (${sources[1] ?? raw("")})) as total`;
  const [rows = [], [counted] = []] = await deps.db.queryAll([entries, ...(plan.count ? [total] : [])]);
  const found = plan.finish(rows as unknown[] as Entry[], counted?.["total"] as number | undefined);
  return mapItems(found, (entry) => ({ ...entry, data: JSON.parse(entry.data) }));
}

function events({ user_id, actor_id, type, since, until }: AuditFilters): Sql {
  const conditions = within(since, until);
  if (user_id !== undefined) conditions.push(sql`aggregate_id = ${user_id} or entity_id = ${user_id}`);
  if (actor_id !== undefined) conditions.push(sql`actor_id = ${actor_id}`);
  if (type !== undefined) conditions.push(sql`type = ${type}`);
  return sql`select event_id as id, type, actor_id, aggregate_id as subject_id, organization_id, session_id, ip_address,
    device_info, request_id, data, time as occurred_at from journal where ${all(conditions)}`;
}

function failures({ user_id, actor_id, type, since, until }: AuditFilters): Sql {
  const conditions = within(since, until);
  if (user_id !== undefined) conditions.push(sql`user_id = ${user_id}`);
  // Nobody is known to have failed.
  if (actor_id !== undefined || (type !== undefined && type !== FAILED_LOGIN)) conditions.push(raw("0"));
  return sql`select id, ${FAILED_LOGIN} as type, null as actor_id, user_id as subject_id, null as organization_id,
    null as session_id, ip_address, device_info, request_id, json_object('kind', kind) as data, time as occurred_at
    from login_attempts where ${all(conditions)}`;
}

function within(since: string | undefined, until: string | undefined): Sql[] {
  return [
    ...(since === undefined ? [] : [sql`time >= ${since}`]),
    ...(until === undefined ? [] : [sql`time < ${until}`]),
  ];
}
