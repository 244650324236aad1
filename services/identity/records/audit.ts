import type { Actor } from "@stoa/auth";
import { raw, type Sql, sql } from "@stoa/db";
import { type Page, type PageQuery, pagePlan, readPage } from "@stoa/http/list/index";
import { entryColumns, failureEntries, shapeEntry } from "../audit/entry.ts";
import type { AuditEntry } from "../audit/schema.ts";
import type { ListDeps } from "../deps.ts";

/** The user's own security events, newest first: what they did, what was done to them, and logins that failed. */
export function listOwnAudit(
  { db, cursor_key }: ListDeps,
  { user_id }: Pick<Actor, "user_id">,
  query: PageQuery,
): Promise<Page<AuditEntry>> {
  const plan = pagePlan(cursor_key, query, {
    name: "own_audit",
    filters: { user_id },
    order: [
      { column: "occurred_at", direction: "desc" },
      { column: "id", direction: "desc" },
    ],
  });
  const source = { columns: entryColumns, from: sql`(${ownEntries(user_id)})`, where: raw("1") };
  return readPage(db, plan, source, shapeEntry);
}

/** Selects a user's entries, without the address and device from which someone else acted. */
export function ownEntries(user_id: string): Sql {
  const own = (column: Sql) => sql`case when actor_id is null or actor_id = ${user_id} then ${column} end`;
  return sql`
    select event_id as id, type, actor_id, aggregate_id as subject_id, organization_id,
      ${own(sql`session_id`)} as session_id, ${own(sql`ip_address`)} as ip_address,
      ${own(sql`device_info`)} as device_info, request_id, data, time as occurred_at
    from journal where aggregate_id = ${user_id} or entity_id = ${user_id} or actor_id = ${user_id}
    union all ${failureEntries(sql`user_id = ${user_id}`)}`;
}
