import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, OneOf, Patch, QueryList, Text, Time, Version } from "@stoa/http";

const statuses = ["open", "resolved"] as const;

/** What a superuser says of a report. */
const fields = {
  status: OneOf(statuses, { description: "A report that is resolved stays so." }),
  note: Nullable(Text({ max: 20_000, lines: true, description: "What was done about it." })),
};

/** The message that was reported, as it is now. */
const ReportedMessage = Type.Object(
  {
    id: Id(),
    conversation_id: Id({ description: "The conversation that it was sent to." }),
    seq: Type.Integer({ description: "Its number in the conversation." }),
    sender_id: Nullable(Id({ description: "Null: a system message." })),
    content: Nullable(Type.String({ description: "Null: the message was deleted." })),
    created_at: Time(),
    edited_at: Nullable(Time()),
    deleted_at: Nullable(Time()),
  },
  { title: "ReportedMessage" },
);

const asReported = {
  id: Id(),
  message_id: Id({ description: "The message that was reported." }),
  conversation_id: Id({ description: "The conversation that it was sent to." }),
  reporter_id: Id({ description: "Who reported it." }),
  reason: Type.String({ description: "Why, in their words." }),
  ...fields,
  resolved_by: Nullable(Id({ description: "The superuser who resolved it." })),
  resolved_at: Nullable(Time({ description: "When it was resolved." })),
  version: Version,
  created_at: Time(),
  updated_at: Time(),
};

/** A report, as a superuser sees it. */
export const Report = Type.Object(
  {
    ...asReported,
    reported_content: Nullable(
      Type.String({ description: "What the message said when it was reported. Null once the report is resolved." }),
    ),
    message: Nullable(ReportedMessage),
  },
  { title: "Report" },
);
/** A report, as a superuser sees it. */
export type Report = Static<typeof Report>;

/** A report, as the user who made it sees it. */
export const OwnReport = Type.Object(
  {
    id: asReported.id,
    message_id: asReported.message_id,
    conversation_id: asReported.conversation_id,
    reporter_id: asReported.reporter_id,
    reason: asReported.reason,
    status: fields.status,
    created_at: asReported.created_at,
  },
  { title: "OwnReport" },
);
/** A report, as the user who made it sees it. */
export type OwnReport = Static<typeof OwnReport>;

/** Body of POST /messages/{id}/report. */
export const NewReport = Type.Object(
  { reason: Text({ max: 2_000, lines: true, description: "Why a superuser should look at it." }) },
  { title: "NewReport" },
);
/** The body of POST /messages/{id}/report. */
export type NewReport = Static<typeof NewReport>;

/** Body of PATCH and PUT /reports/{id}. */
export const ReportPatch = Patch(fields, Report);
/** A change of a report. */
export type ReportPatch = Static<typeof ReportPatch>;
/** The names of the fields that it may change. */
export const reportFields = Object.keys(fields) as readonly (keyof typeof fields)[];

/** Query of GET /reports. */
export const ReportsQuery = listQuery({
  status: QueryList(OneOf(statuses), { description: "Those with one of these statuses." }),
});
/** The query of GET /reports. */
export type ReportsQuery = Static<typeof ReportsQuery>;

/** Path of one report. */
export const ReportParams = Type.Object({ id: Id({ description: "A report." }) });
