import type { Actor } from "@stoa/auth";
import { computed, raw, type Sql, sql } from "@stoa/db";
import { type Page, type PageQuery, pagePlan, readPage } from "@stoa/http/list/index";
import { journal } from "@stoa/journal";
import type { Column } from "drizzle-orm";
import { entryColumns, eventEntries, failureEntries, shapeEntry } from "../audit/entry.ts";
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
  const own = (column: Column) =>
    computed<string | null>(sql`case when actor_id is null or actor_id = ${user_id} then ${column} end`);
  const { session_id, ip_address, device_info } = journal;
  const events = eventEntries(sql`aggregate_id = ${user_id} or entity_id = ${user_id} or actor_id = ${user_id}`, {
    session_id: own(session_id),
    ip_address: own(ip_address),
    device_info: own(device_info),
  });
  return sql`${events} union all ${failureEntries(sql`user_id = ${user_id}`)}`;
}
