import { jsonOf, parseJson, pickColumns, type RowOf, type Select, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { m } from "../messages/row.ts";
import { OwnReport, Report } from "./schema.ts";
import { reports } from "./table.ts";

/** Reports, as the columns here and the conditions of lists name them. */
export const r = alias(reports, "r");

const { id, conversation_id, seq, sender_id, content, created_at, edited_at, deleted_at } = m;

/** The columns of a report, with its message as it is now; null once that has gone with its conversation. */
export const reportColumns = {
  ...pickColumns(r, Report.properties),
  message: jsonOf(
    { id, conversation_id, seq, sender_id, content, created_at, edited_at, deleted_at },
    sql`from ${m} where ${m.id} = ${r.message_id}`,
  ),
};

/** A report as it is read. */
export type ReportRow = RowOf<typeof reportColumns>;

/** One report. */
export function selectReport(report_id: string): Select<ReportRow> {
  return select(reportColumns, sql`from ${r} where ${r.id} = ${report_id}`);
}

/** The columns of a report for the user who made it. */
export const ownReportColumns = pickColumns(r, OwnReport.properties);

/** A row as it goes over the wire. */
export function shapeReport(row: ReportRow): Report {
  return { ...row, message: row.message === null ? null : parseJson(row.message) };
}
