import { type Static, Type } from "@sinclair/typebox";
import { Day, Id, Nullable, Time, TimeZone } from "@stoa/http";

/** The most days of a report. */
export const MOST_DAYS = 366;
/** How many days a report has when only its end is named. */
export const USUAL_DAYS = 30;

/** Query of every report. */
export const ReportQuery = Type.Object({
  from: Type.Optional(Day({ description: `The first day; without it, ${USUAL_DAYS} days are reported.` })),
  to: Type.Optional(
    Day({ description: `The last day, that day included: today unless it is named. At most ${MOST_DAYS} days.` }),
  ),
  tz: Type.Optional(
    TimeZone({ description: "The time zone of the days, by its IANA name; without it, the project's own." }),
  ),
});
/** The query of a report. */
export type ReportQuery = Static<typeof ReportQuery>;

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Counted = (description: string) => Nullable(Count(description));

/** What every report says of itself. */
const head = {
  project_id: Id({ description: "The project that it is about." }),
  from: Day({ description: "The first day." }),
  to: Day({ description: "The last day." }),
  tz: Type.String({ description: "The time zone of the days." }),
  as_of: Nullable(
    Time({ description: "The end of the last day, or now where that is earlier; null when no day has begun yet." }),
  ),
};

const report = <P extends Parameters<typeof Type.Object>[0]>(title: string, properties: P) =>
  Type.Object({ ...head, ...properties }, { title, additionalProperties: false });
const daily = <P extends Parameters<typeof Type.Object>[0]>(title: string, properties: P) =>
  Type.Array(
    Type.Object({ day: Day({ description: "The day." }), ...properties }, { title, additionalProperties: false }),
  );

const statusCounts = Type.Object(
  {
    pending: Count("Tasks that are pending."),
    in_progress: Count("Tasks that are in progress."),
    in_review: Count("Tasks that are in review."),
    completed: Count("Tasks that are completed."),
    cancelled: Count("Tasks that are cancelled."),
  },
  { title: "StatusCounts", additionalProperties: false },
);
/** Answer of GET …/reports/burndown. */
export const Burndown = report("Burndown", {
  days: daily("BurndownDay", {
    scope: Counted("Tasks of the project at the end of the day, without the cancelled ones."),
    done: Counted("Those of them that are completed."),
    remaining: Counted("Those of them that are not."),
    added: Counted("Tasks that came into the scope on that day."),
    removed: Counted("Tasks that left it on that day."),
    ideal: Nullable(
      Type.Number({ description: "What would remain if the first day's remaining tasks went evenly on working days." }),
    ),
  }),
});
/** The answer of GET …/reports/burndown. */
export type Burndown = Static<typeof Burndown>;

/** Answer of GET …/reports/cumulative-flow. */
export const CumulativeFlow = report("CumulativeFlow", {
  days: daily("CumulativeFlowDay", {
    arrivals: Counted("How many times, up to the end of the day, a task became work to do."),
    departures: Counted("How many times one ceased to be."),
    by_status: Nullable(statusCounts),
  }),
});
/** The answer of GET …/reports/cumulative-flow. */
export type CumulativeFlow = Static<typeof CumulativeFlow>;

/** Answer of GET …/reports/throughput. */
export const Throughput = report("Throughput", {
  finished: Count("The sum of the days."),
  days: daily("ThroughputDay", { finished: Counted("Tasks that were finished on that day, as of its end.") }),
});
/** The answer of GET …/reports/throughput. */
export type Throughput = Static<typeof Throughput>;

const percentiles = (title: string, what: string) =>
  Nullable(
    Type.Object(
      {
        p50: Type.Number({ description: `Half of the tasks took at most so many ${what}.` }),
        p85: Type.Number({ description: `85 % of the tasks took at most so many ${what}.` }),
        p95: Type.Number({ description: `95 % of the tasks took at most so many ${what}.` }),
      },
      { title, additionalProperties: false },
    ),
  );
const cycle = {
  finished: Count("Tasks that were finished on one of the days, as of the last one, and had been started."),
  excluded: Count("Tasks that were finished without having been started: they have no cycle time."),
  cycle_days: percentiles("CycleDays", "days, the first and the last one included"),
  cycle_seconds: percentiles("CycleSeconds", "seconds"),
};

/** Answer of GET …/reports/cycle-time. */
export const CycleTime = report("CycleTime", {
  ...cycle,
  distribution: Type.Array(
    Type.Object(
      { cycle_days: Count("How many days."), finished: Count("How many tasks took as many.") },
      { title: "CycleTimeShare", additionalProperties: false },
    ),
    { description: "How many tasks took how many days, fewest days first." },
  ),
});
/** The answer of GET …/reports/cycle-time. */
export type CycleTime = Static<typeof CycleTime>;

const load = {
  open: Count("Their open tasks, each in full for everyone whom it is assigned to."),
  estimate_minutes: Count("How long these tasks should take."),
  logged_minutes: Count("How long was worked on these tasks, by whomever."),
};

/** Answer of GET …/reports/workload. */
export const Workload = report("Workload", {
  assignees: Type.Array(
    Type.Object(
      { user_id: Id({ description: "Who the tasks are assigned to." }), ...load },
      { title: "AssigneeLoad", additionalProperties: false },
    ),
    { description: "Everyone with an open task, most open tasks first." },
  ),
  unassigned: Type.Object(load, { title: "Load", additionalProperties: false }),
});
/** The answer of GET …/reports/workload. */
export type Workload = Static<typeof Workload>;

/** How many tasks a report of overdue ones names. */
export const MOST_OVERDUE = 100;

/** Answer of GET …/reports/overdue. */
export const Overdue = report("OverdueReport", {
  overdue: Count("Open tasks whose due time has passed."),
  tasks: Type.Array(
    Type.Object(
      {
        task_id: Id({ description: "The task that is late." }),
        due_at: Time({ description: "When it was due, as of the last day." }),
        days_late: Count("How many days ago that was; 0: earlier on the same day."),
      },
      { title: "OverdueTask", additionalProperties: false },
    ),
    { description: `Those that are due longest, at most ${MOST_OVERDUE}.` },
  ),
});
/** The answer of GET …/reports/overdue. */
export type Overdue = Static<typeof Overdue>;

/** Answer of GET …/reports/summary. */
export const Summary = report("ReportSummary", {
  scope: Count("Tasks at the end of the last day, without the cancelled ones."),
  done: Count("Those of them that are completed."),
  remaining: Count("Those of them that are not."),
  by_status: statusCounts,
  added: Count("Tasks that came into the scope on one of the days."),
  removed: Count("Tasks that left it on one of the days."),
  overdue: Count("Open tasks whose due time has passed, at the end of the last day."),
  ...cycle,
});
/** The answer of GET …/reports/summary. */
export type Summary = Static<typeof Summary>;
