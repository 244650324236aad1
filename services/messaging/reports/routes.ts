import { controller, created, idempotent, ifMatch, List, operation, tagged } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { ownReportExample, reportExample } from "../examples.ts";
import { MessageParams } from "../messages/schema.ts";
import { changeReport } from "./change.ts";
import { readOwnReport, reportMessage } from "./create.ts";
import { listReports } from "./list.ts";
import { readReport } from "./read.ts";
import { NewReport, OwnReport, Report, ReportParams, ReportPatch, ReportsQuery } from "./schema.ts";

const tags = ["moderation"] as const;
const one = { access: "superuser", tags, params: ReportParams, answer: Report } as const;

/** Reports of messages: users make them, superusers look at them. */
export const reportRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1")
    .post(
      "/messages/:id/report",
      async ({ asked, actor, params, body, set }) => {
        const { report, made } = await idempotent(
          deps,
          asked,
          (claim) => reportMessage(deps, actor, params.id, body, claim),
          (id) => readOwnReport(deps.db, id),
        );
        if (made) return created(set, report, `/api/v1/reports/${report.id}`);
        set.status = 200;
        return report;
      },
      operation({
        id: "messages.reports.create",
        access: "user",
        tags,
        summary: "Report a message to the superusers",
        description:
          "For participants of the message's conversation. Superusers see what it says at this moment, whatever becomes of it. Reporting it again answers the report that is open, 200.",
        params: MessageParams,
        body: NewReport,
        status: 201,
        otherStatus: 200,
        answer: OwnReport,
        errors: ["not_found", "forbidden", "idempotency_key_reused"],
        example: { body: { reason: "It names a customer's password." }, answer: ownReportExample },
      }),
    )
    .get(
      "/reports",
      ({ query }) => listReports(deps, query),
      operation({
        id: "reports.list",
        access: "superuser",
        tags,
        summary: "List reports of messages, latest first",
        description: "Each with what the message said when it was reported, and with the message as it is now.",
        query: ReportsQuery,
        answer: List(Report),
        errors: ["invalid_cursor"],
        example: { answer: { items: [reportExample], next_cursor: null } },
      }),
    )
    .get(
      "/reports/:id",
      async ({ params, set }) => tagged(set, await readReport(deps.db, params.id)),
      operation({
        id: "reports.get",
        ...one,
        summary: "Read a report of a message",
        description: "With what the message said when it was reported, and with the message as it is now.",
        errors: ["not_found"],
        example: { answer: reportExample },
      }),
    )
    .patch(
      "/reports/:id",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await changeReport(deps, actor, params.id, body, ifMatch(headers))),
      operation({
        id: "reports.update",
        ...one,
        summary: "Resolve a report of a message",
        description:
          "A merge patch of the status and a note. Once it is resolved, what the message said when it was reported is kept no longer.",
        body: ReportPatch,
        errors: ["not_found", "version_conflict"],
        example: {
          body: { status: "resolved", note: "Removed the message." },
          answer: {
            ...reportExample,
            status: "resolved",
            note: "Removed the message.",
            reported_content: null,
            resolved_by: reportExample.reporter_id,
            resolved_at: reportExample.created_at,
            version: 2,
          },
        },
      }),
    );
