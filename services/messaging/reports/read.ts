import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { selectReport, shapeReport } from "./row.ts";
import type { Report } from "./schema.ts";

/** A report, for superusers. @throws StoaError `not_found` */
export async function readReport(db: Database, id: string): Promise<Report> {
  const [row] = await db.query(selectReport(id));
  if (!row) throw new StoaError("not_found", { detail: "There is no such report." });
  return shapeReport(row);
}
