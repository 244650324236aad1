import { controller, operation } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { ProjectParams } from "../projects/schema.ts";
import { burndown } from "./burndown.ts";
import { cumulativeFlow } from "./cumulative-flow.ts";
import { cycleTime } from "./cycle-time.ts";
import { reportExamples as examples } from "./examples.ts";
import { overdue } from "./overdue.ts";
import { report } from "./report.ts";
import { Burndown, CumulativeFlow, CycleTime, Overdue, ReportQuery, Summary, Throughput, Workload } from "./schema.ts";
import { summary } from "./summary.ts";
import { throughput } from "./throughput.ts";
import { workload } from "./workload.ts";

const common = {
  access: "user",
  tags: ["reports"],
  params: ProjectParams,
  query: ReportQuery,
  errors: ["not_found", "forbidden"],
} as const;

/** Reports of a project, as of any day. docs/reports.md defines every number. */
export const reportRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/projects/:id/reports")
    .get(
      "/summary",
      ({ actor, params, query }) => report(deps, actor, params.id, query, summary),
      operation({
        id: "reports.summary.get",
        ...common,
        summary: "Read a project's numbers",
        description:
          "For members. What there is at the end of the last day, and what happened on all of them. Past days never change.",
        answer: Summary,
        example: { answer: examples.summary },
      }),
    )
    .get(
      "/burndown",
      ({ actor, params, query }) => report(deps, actor, params.id, query, burndown),
      operation({
        id: "reports.burndown.get",
        ...common,
        summary: "Read a project's burndown",
        description:
          "For members. Scope, done and remaining at the end of each day, what was added and removed on it, and the ideal line, which is flat on days outside `working_days`. Numbers of future days are null.",
        answer: Burndown,
        example: { answer: examples.burndown },
      }),
    )
    .get(
      "/cumulative-flow",
      ({ actor, params, query }) => report(deps, actor, params.id, query, cumulativeFlow),
      operation({
        id: "reports.cumulativeFlow.get",
        ...common,
        summary: "Read a project's cumulative flow",
        description:
          "For members. `arrivals` and `departures` never fall, and their distance is what remained; `by_status` says how many tasks stood at each status at the end of the day.",
        answer: CumulativeFlow,
        example: { answer: examples.cumulativeFlow },
      }),
    )
    .get(
      "/throughput",
      ({ actor, params, query }) => report(deps, actor, params.id, query, throughput),
      operation({
        id: "reports.throughput.get",
        ...common,
        summary: "Read how many tasks were finished each day",
        description: "For members. As of the end of each day; cancelled tasks are not finished.",
        answer: Throughput,
        example: { answer: examples.throughput },
      }),
    )
    .get(
      "/cycle-time",
      ({ actor, params, query }) => report(deps, actor, params.id, query, cycleTime),
      operation({
        id: "reports.cycleTime.get",
        ...common,
        summary: "Read how long finished tasks took",
        description:
          "For members. From the first start to the last completion, as of the end of the last day, by nearest rank. Tasks that were completed without having been started are `excluded`.",
        answer: CycleTime,
        example: { answer: examples.cycleTime },
      }),
    )
    .get(
      "/workload",
      ({ actor, params, query }) => report(deps, actor, params.id, query, workload),
      operation({
        id: "reports.workload.get",
        ...common,
        summary: "Read who has how many open tasks",
        description:
          "For members. At the end of the last day. A task of several assignees counts in full for each of them.",
        answer: Workload,
        example: { answer: examples.workload },
      }),
    )
    .get(
      "/overdue",
      ({ actor, params, query }) => report(deps, actor, params.id, query, overdue),
      operation({
        id: "reports.overdue.get",
        ...common,
        summary: "Read which tasks are overdue",
        description: "For members. At the end of the last day, or now where that is earlier; longest overdue first.",
        answer: Overdue,
        example: { answer: examples.overdue },
      }),
    );
