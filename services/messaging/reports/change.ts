import type { Actor } from "@stoa/auth";
import { sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { changesOf, refuseReadOnly, valuesOf } from "@stoa/http/patch";
import { command, notErased, type Part, retrying } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { readReport } from "./read.ts";
import { selectReport, shapeReport } from "./row.ts";
import { type Report, type ReportPatch, reportFields } from "./schema.ts";
import { reports } from "./table.ts";

/**
 * Resolves a report, or notes what was done about it; for superusers. With a report that is resolved goes what its message
 * said when it was reported: nobody needs it any more.
 *
 * @throws StoaError `not_found`, `version_conflict`, `validation_failed` for a read-only field and for opening it again
 */
export function changeReport(
  { db, now }: StoreDeps,
  actor: Actor,
  id: string,
  patch: ReportPatch,
  match?: IfMatch,
): Promise<Report> {
  return retrying(db, `report ${id}`, async () => {
    const present = await readReport(db, id);
    requireMatch(match, present);
    refuseReadOnly(present, patch, reportFields);
    const changes = changesOf(present, patch, reportFields);
    if (changes.length === 0) return present;
    const values = valuesOf<Report, (typeof reportFields)[number]>(changes);
    if (values.status === "open") {
      const message = "A report that is resolved stays so.";
      throw new StoaError("validation_failed", { errors: [{ path: "/status", message }] });
    }
    const { user_id } = actor;
    const time = now().toISOString();
    const resolution =
      values.status === undefined ? {} : { resolved_by: user_id, resolved_at: time, reported_content: null };
    const { message_id, conversation_id } = present;
    const changed: Part = {
      guard: sql`exists (select 1 from reports where id = ${id} and version = ${present.version})`,
      effects: (happened) => [
        updateRows(
          reports,
          { ...values, ...resolution, version: sql`version + 1`, updated_at: time },
          sql`id = ${id} and ${happened}`,
        ),
      ],
    };
    const rows = await command(
      db,
      actor.cause,
      {
        type: values.status === undefined ? "report.updated" : "report.resolved",
        aggregate_id: conversation_id,
        entity_id: id,
        time,
        data: { report_id: id, conversation_id, message_id },
      },
      [notErased(actor), sameVersion(match, reports, present), changed],
      selectReport(id),
    );
    return rows?.[0] && shapeReport(rows[0]);
  });
}
