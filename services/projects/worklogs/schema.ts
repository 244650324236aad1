import { type Static, Type } from "@sinclair/typebox";
import { Day, described, Id, Nullable, optional, Patch, Text, Time } from "@stoa/http";

/** No clock of a computer counts from earlier, and nobody plans further: what lies outside is a year that was mistyped. */
const span = { earliest: "1970-01-01", latest: "2199-12-31" };

/** What people say of their work. */
const fields = {
  minutes: Type.Integer({ minimum: 1, maximum: 10_000, description: "How long it took: a week at most." }),
  note: Nullable(Text({ min: 0, max: 2_000, lines: true, description: "What was done." })),
  spent_on: Day({
    ...span,
    description: `The day on which it was done: ${span.earliest} to ${span.latest}. No time zone moves it.`,
  }),
};

/** An entry of a task's work log. */
export const Worklog = Type.Object(
  {
    id: Id(),
    task_id: Id({ description: "The task that was worked on." }),
    user_id: Id({ description: "Who worked." }),
    ...fields,
    created_at: Time(),
    updated_at: Time(),
  },
  { title: "Worklog", additionalProperties: false },
);
/** An entry of a task's work log. */
export type Worklog = Static<typeof Worklog>;

/** Body of POST /tasks/{id}/worklogs. */
export const NewWorklog = Type.Object(
  {
    ...optional(fields),
    minutes: fields.minutes,
    spent_on: Type.Optional(
      described(fields.spent_on, `${fields.spent_on.description} Today, where the project is, unless you say another.`),
    ),
  },
  { title: "NewWorklog" },
);
/** The body of POST /tasks/{id}/worklogs. */
export type NewWorklog = Static<typeof NewWorklog>;

/** Body of PATCH and PUT /tasks/{id}/worklogs/{worklog_id}. */
export const WorklogPatch = Patch(fields, Worklog);
/** A change of an entry. */
export type WorklogPatch = Static<typeof WorklogPatch>;

/** The names of the fields that it may change. */
export const worklogFields = Object.keys(fields) as readonly (keyof typeof fields)[];

/** Path of one entry. */
export const WorklogParams = Type.Object({
  id: Id({ description: "A task." }),
  worklog_id: Id({ description: "An entry of its work log." }),
});
