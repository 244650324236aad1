import { computed, type RowOf, raw, type Sql, sql } from "@stoa/db";
import type { AuditEntry } from "./schema.ts";

/** The name under which the trail shows single failed logins, which are no events. */
export const FAILED_LOGIN = "login.failed";

/** The columns of an entry, of whatever it is selected from. */
export const entryColumns = {
  id: computed<string>(raw("id")),
  type: computed<string>(raw("type")),
  actor_id: computed<string | null>(raw("actor_id")),
  subject_id: computed<string | null>(raw("subject_id")),
  organization_id: computed<string | null>(raw("organization_id")),
  session_id: computed<string | null>(raw("session_id")),
  ip_address: computed<string | null>(raw("ip_address")),
  device_info: computed<string | null>(raw("device_info")),
  request_id: computed<string | null>(raw("request_id")),
  data: computed<string>(raw("data")),
  occurred_at: computed<string>(raw("occurred_at")),
};

/** The journal's events as entries. @param where conditions of `journal` */
export function eventEntries(where: Sql): Sql {
  return sql`select event_id as id, type, actor_id, aggregate_id as subject_id, organization_id, session_id, ip_address,
    device_info, request_id, data, time as occurred_at from journal where ${where}`;
}

/** Failed logins as entries. @param where conditions of `login_attempts` */
export function failureEntries(where: Sql): Sql {
  return sql`select id, ${FAILED_LOGIN} as type, null as actor_id, user_id as subject_id, null as organization_id,
    null as session_id, ip_address, device_info, request_id, json_object('kind', kind) as data, time as occurred_at
    from login_attempts where ${where}`;
}

/** A row as it goes over the wire. */
export function shapeEntry(row: RowOf<typeof entryColumns>): AuditEntry {
  return { ...row, data: JSON.parse(row.data) as AuditEntry["data"] };
}
