import type { Actor } from "@stoa/auth";
import { type Database, insertRow, newId, select, sql } from "@stoa/db";
import { type Claim, command, type Part } from "@stoa/journal";
import { access } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { readMessage } from "../messages/read.ts";
import { ownReportColumns, r } from "./row.ts";
import type { NewReport, OwnReport } from "./schema.ts";
import { reports } from "./table.ts";

/** A report, and whether this request made it. */
export interface Reported {
  readonly report: OwnReport;
  readonly made: boolean;
}

/**
 * Reports a message to the superusers, with what it says at this moment. A user has one open report of a message: reporting
 * it again answers that one.
 *
 * @returns undefined when the same user reported it meanwhile
 * @throws StoaError `not_found`, `forbidden`
 */
export async function reportMessage(
  { db, now }: StoreDeps,
  actor: Actor,
  message_id: string,
  { reason }: NewReport,
  claim: Claim,
): Promise<Reported | undefined> {
  const { conversation_id } = await readMessage(db, actor, message_id);
  const { user_id: reporter_id } = actor;
  const theirs = sql`${r.message_id} = ${message_id} and ${r.reporter_id} = ${reporter_id} and ${r.status} = 'open'`;
  const [open] = await db.query(select(ownReportColumns, sql`from ${r} where ${theirs}`));
  if (open) return { report: open, made: false };
  const id = newId();
  const time = now().toISOString();
  const reported: Part = {
    guard: sql`not exists (select 1 from ${r} where ${theirs})`,
    effects: (happened) => [
      insertRow(
        reports,
        {
          id,
          message_id,
          conversation_id,
          reporter_id,
          reason,
          reported_content: sql`(select content from messages where id = ${message_id})`,
          created_at: time,
          updated_at: time,
        },
        happened,
      ),
    ],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "report.created",
      aggregate_id: conversation_id,
      entity_id: id,
      time,
      data: { report_id: id, conversation_id, message_id, reporter_id },
    },
    [...access(actor, "participate", conversation_id), claim(id), reported],
    select(ownReportColumns, sql`from ${r} where ${r.id} = ${id}`),
  );
  return rows?.[0] && { report: rows[0], made: true };
}

/** What a retry with the same `Idempotency-Key` gets: the report as it is now. */
export async function readOwnReport(db: Database, id: string): Promise<Reported> {
  const [report] = await db.query(select(ownReportColumns, sql`from ${r} where ${r.id} = ${id}`));
  if (!report) throw new Error("A report is kept for good, and this one is gone.");
  return { report, made: true };
}
