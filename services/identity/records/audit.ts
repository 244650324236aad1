import { rowsAs, type Sql, sql } from "@stoa/db";
import { mapItems, type Page, type PageQuery, pagePlan } from "@stoa/http";
import { type AuditRow, shapeEntry } from "../audit/entry.ts";
import { FAILED_LOGIN } from "../audit/list.ts";
import type { AuditEntry } from "../audit/schema.ts";
import type { Deps } from "../deps.ts";

/** A user's own security events, newest first: what they did, what was done to them, and logins that failed. */
export async function listOwnAudit(
  deps: Pick<Deps, "db" | "cursor_key">,
  user_id: string,
  page: PageQuery,
): Promise<Page<AuditEntry>> {
  const plan = pagePlan(deps.cursor_key, page, {
    name: "own_audit",
    filters: { user_id },
    order: [
      { column: "occurred_at", direction: "desc" },
      { column: "id", direction: "desc" },
    ],
  });
  const entries = ownEntries(user_id);
  const [rows = [], [total] = []] = await deps.db.queryAll([
    sql`select * from (${entries}) where ${plan.where} order by ${plan.order} limit ${plan.limit}`,
    ...(plan.count ? [sql`select count(*) as total from (${entries})`] : []),
  ]);
  return mapItems(plan.finish(rowsAs<AuditRow>(rows), total?.["total"] as number | undefined), shapeEntry);
}

/** Selects a user's entries. Where someone else acted from is not theirs to know. */
export function ownEntries(user_id: string): Sql {
  const own = (column: Sql) => sql`case when actor_id is null or actor_id = ${user_id} then ${column} end`;
  return sql`
    select event_id as id, type, actor_id, aggregate_id as subject_id, organization_id,
      ${own(sql`session_id`)} as session_id, ${own(sql`ip_address`)} as ip_address,
      ${own(sql`device_info`)} as device_info, request_id, data, time as occurred_at
    from journal where aggregate_id = ${user_id} or entity_id = ${user_id} or actor_id = ${user_id}
    union all
    select id, ${FAILED_LOGIN}, null, user_id, null, null, ip_address, device_info, request_id,
      json_object('kind', kind), time
    from login_attempts where user_id = ${user_id}`;
}
