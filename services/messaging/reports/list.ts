import { listed, raw, type Sql, sql } from "@stoa/db";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { r, reportColumns, shapeReport } from "./row.ts";
import type { Report, ReportsQuery } from "./schema.ts";

/** Reports, latest first; for superusers. @throws StoaError `invalid_cursor` */
export function listReports({ db, cursor_key }: ListDeps, query: ReportsQuery): Promise<Page<Report>> {
  const { status } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "reports",
    filters: { status },
    order: [
      { column: r.created_at, direction: "desc" },
      { column: r.id, direction: "desc" },
    ],
  });
  const where = status === undefined ? raw("1") : ofStatus(status);
  return readPage(db, plan, { columns: reportColumns, from: sql`${r}`, where }, shapeReport);
}

/** Of several statuses, the plus keeps SQLite on the order of time: else it would sort all that have one of them. */
function ofStatus(status: NonNullable<ReportsQuery["status"]>): Sql {
  return sql`${raw(status.length > 1 ? "+" : "")}${r.status} in ${listed(status)}`;
}
