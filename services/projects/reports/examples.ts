import { projectExample } from "../examples.ts";

const [friday, monday] = ["2026-11-20", "2026-11-23"];
const head = {
  project_id: projectExample.id,
  from: friday,
  to: monday,
  tz: "Europe/Berlin",
  as_of: "2026-11-22T14:00:00.000Z",
};
const by_status = { pending: 2, in_progress: 1, in_review: 0, completed: 1, cancelled: 1 };
const cycle = {
  finished: 2,
  excluded: 1,
  cycle_days: { p50: 2, p85: 4, p95: 4 },
  cycle_seconds: { p50: 93_600, p85: 260_100.5, p95: 260_100.5 },
};
const load = { open: 2, estimate_minutes: 240, logged_minutes: 90 };

/** Answers of reports, for the documentation. */
export const reportExamples = {
  burndown: {
    ...head,
    days: [
      { day: friday, scope: 4, done: 0, remaining: 4, added: 4, removed: 0, ideal: 4 },
      { day: "2026-11-21", scope: 4, done: 1, remaining: 3, added: 1, removed: 1, ideal: 4 },
      { day: "2026-11-22", scope: 4, done: 1, remaining: 3, added: 0, removed: 0, ideal: 4 },
      { day: monday, scope: null, done: null, remaining: null, added: null, removed: null, ideal: 0 },
    ],
  },
  cumulativeFlow: {
    ...head,
    from: "2026-11-22",
    days: [
      { day: "2026-11-22", arrivals: 5, departures: 2, by_status },
      { day: monday, arrivals: null, departures: null, by_status: null },
    ],
  },
  throughput: {
    ...head,
    from: "2026-11-21",
    finished: 1,
    days: [
      { day: "2026-11-21", finished: 1 },
      { day: "2026-11-22", finished: 0 },
      { day: monday, finished: null },
    ],
  },
  cycleTime: {
    ...head,
    ...cycle,
    distribution: [
      { cycle_days: 2, finished: 1 },
      { cycle_days: 4, finished: 1 },
    ],
  },
  workload: {
    ...head,
    assignees: [{ user_id: "0197a1c0-5e2b-7c4d-9a3f-0000000000a1", ...load }],
    unassigned: { open: 1, estimate_minutes: 0, logged_minutes: 0 },
  },
  overdue: {
    ...head,
    overdue: 1,
    tasks: [{ task_id: "0197a1c0-5e2b-7c4d-9a3f-0000000000c1", due_at: "2026-11-20T17:00:00.000Z", days_late: 2 }],
  },
  summary: { ...head, scope: 4, done: 1, remaining: 3, by_status, added: 5, removed: 1, overdue: 1, ...cycle },
};
