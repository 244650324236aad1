import {
  type Computed,
  columnsOfSubselect,
  computed,
  nullable,
  type RowOf,
  raw,
  type Select,
  type Sql,
  select,
  sql,
  storedJson,
} from "@stoa/db";
import { journal } from "@stoa/journal";
import { loginAttempts } from "../throttle/table.ts";
import type { AuditEntry } from "./schema.ts";

/**
 * The names under which the trail shows what is no event: single failed logins, and right passwords that were not enough, because
 * the second factor was still missing (`login.factor_missing`) or the user is disabled (`login.disabled`).
 */
export const failureType = sql`iif(${loginAttempts.kind} in ('factor_missing', 'disabled'),
  'login.' || ${loginAttempts.kind}, 'login.failed')`;

const eventColumns = {
  id: journal.event_id,
  type: journal.type,
  actor_id: journal.actor_id,
  subject_id: nullable(journal.aggregate_id),
  organization_id: journal.organization_id,
  session_id: journal.session_id,
  ip_address: journal.ip_address,
  device_info: journal.device_info,
  request_id: journal.request_id,
  data: journal.data,
  occurred_at: journal.time,
};

/** The columns of an entry, of whatever it is selected from. */
export const entryColumns = columnsOfSubselect(eventColumns);

/** An entry as it is read. */
type EntryRow = RowOf<typeof entryColumns>;

const nothing = computed<null>(raw("null"));

/** In the order of `eventColumns`, whatever the order here: a union goes by position. */
const failureColumns = {
  ...eventColumns,
  id: loginAttempts.id,
  type: computed<string>(failureType),
  actor_id: nothing,
  subject_id: loginAttempts.user_id,
  organization_id: nothing,
  session_id: nothing,
  ip_address: loginAttempts.ip_address,
  device_info: loginAttempts.device_info,
  request_id: loginAttempts.request_id,
  data: computed<string>(sql`json_object('kind', ${loginAttempts.kind})`),
  occurred_at: loginAttempts.time,
};

/**
 * The journal's events as entries.
 *
 * @param where conditions of `journal`
 * @param hidden columns that are not read as they are
 */
export function eventEntries(
  where: Sql,
  hidden: { [K in keyof EntryRow]?: Computed<EntryRow[K]> } = {},
): Select<EntryRow> {
  return select({ ...eventColumns, ...hidden }, sql`from ${journal} where ${where}`);
}

/** Failed logins as entries. @param where conditions of `login_attempts` */
export function failureEntries(where: Sql): Select<EntryRow> {
  return select(failureColumns, sql`from ${loginAttempts} where ${where}`);
}

/** A row as it goes over the wire. */
export function shapeEntry(row: EntryRow): AuditEntry {
  return { ...row, data: storedJson(row.data, "journal.data of identity, event_id", row.id) };
}
