import { newId, sql } from "@stoa/db";
import type { TaskStatus } from "@stoa/events";
import { burndown } from "@stoa/projects/reports/burndown";
import { cumulativeFlow } from "@stoa/projects/reports/cumulative-flow";
import { cycleTime } from "@stoa/projects/reports/cycle-time";
import { keepReports } from "@stoa/projects/reports/keep";
import { overdue } from "@stoa/projects/reports/overdue";
import { rangeOf } from "@stoa/projects/reports/range";
import { summary } from "@stoa/projects/reports/summary";
import { throughput } from "@stoa/projects/reports/throughput";
import { workload } from "@stoa/projects/reports/workload";
import { type TemporaryDatabase, temporaryDatabase } from "@stoa/testing";
import { random } from "../tests/random.ts";
import { quantile } from "./load.ts";
import { type Measurement, type Result, scaled, within, withoutBound } from "./measurement.ts";

const DAYS = 90;
const DAY_MS = 86_400_000;
const TRANSITIONS = 1_000_000;
const TASKS = TRANSITIONS / 10;
const begin = Date.parse("2026-08-30T00:00:00.000Z");
const end = begin + DAYS * DAY_MS;
const statuses: readonly TaskStatus[] = ["pending", "in_progress", "in_review", "completed", "cancelled", "completed"];
const CHUNK = 10_000;

const reports = { summary, burndown, cumulativeFlow, throughput, cycleTime, workload, overdue };

/** Reports of a large project, and how they are kept. */
export const reporting: Measurement = {
  name: "reports",
  about: `each report over ${DAYS} days of a project with ${TASKS} tasks and ${TRANSITIONS} events`,
  async run(settings) {
    await using stored = await temporaryDatabase("projects");
    const events = scaled(settings, TRANSITIONS, 1_000);
    const project = { id: newId(), timezone: "UTC", working_days: [1, 2, 3, 4, 5] };
    await fill(stored, project.id, events);
    const kept = await keeping(stored, events);
    const range = rangeOf(project, { from: day(begin), to: day(end - 1), tz: "Europe/Berlin" }, new Date(end));
    const results: Result[] = [kept];
    for (const [name, report] of Object.entries(reports)) {
      const times: number[] = [];
      for (let round = 0; round < settings.rounds * 3; round++) {
        const started = performance.now();
        await report(stored.db, project, range);
        times.push(performance.now() - started);
      }
      const numbers = { p50_ms: quantile(times, 0.5), worst_ms: Math.max(...times) };
      results.push(within(`${name} of ${events} events`, numbers, "p50_ms", "<=", 150));
    }
    return results;
  },
};

const day = (time: number) => new Date(time).toISOString().slice(0, 10);

/** How fast the journal is read, and for how long the event loop stands still at most. */
async function keeping({ db }: TemporaryDatabase, events: number): Promise<Result> {
  let [last, longest] = [performance.now(), 0];
  const before = process.cpuUsage();
  const started = last;
  await keepReports(db, () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    return false;
  });
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(before);
  return withoutBound(`reading ${events} events for reports`, {
    per_second: events / seconds,
    cpu_s: (user + system) / 1_000_000,
    longest_ms: longest,
  });
}

/** Writes a journal: a tenth of the events make tasks, the others change one of them. */
async function fill({ db }: TemporaryDatabase, project_id: string, events: number): Promise<void> {
  const { below, pick } = random(7);
  const people = Array.from({ length: 20 }, () => newId());
  const tasks: { id: string; status: TaskStatus }[] = [];
  for (let first = 0; first < events; first += CHUNK) {
    const rows = Array.from({ length: Math.min(CHUNK, events - first) }, (_, index) => {
      const moment = begin + ((first + index) / events) * DAYS * DAY_MS;
      const time = new Date(moment).toISOString();
      if ((first + index) % 10 === 0) {
        const task = { id: newId(), status: "pending" as TaskStatus };
        tasks.push(task);
        const due_at = new Date(moment + below(40) * DAY_MS).toISOString();
        const fields = { status: "pending", due_at, estimate_minutes: 60, assignee_ids: [pick(people)] };
        const changes = Object.entries(fields).map(([field, to]) => ({ field, from: null, to }));
        const created = { status: "pending", priority: "medium", assignee_ids: fields.assignee_ids };
        return event(project_id, task.id, "task.created", time, changes, created);
      }
      const task = pick(tasks);
      const [from, to] = [task.status, pick(statuses)];
      task.status = to;
      if (below(10) > 0) return event(project_id, task.id, "task.updated", time, [{ field: "status", from, to }]);
      const assignee_ids = [pick(people), pick(people)];
      const assigned = { user_ids: assignee_ids, removed_user_ids: [] };
      const change = { field: "assignee_ids", from: [], to: assignee_ids };
      return event(project_id, task.id, "task.assigned", time, [change], assigned);
    });
    await db.write([
      sql`insert into journal (event_id, type, aggregate_id, entity_id, time, data)
        select value ->> 0, value ->> 1, ${project_id}, value ->> 2, value ->> 3, value ->> 4
        from json_each(${JSON.stringify(rows)}) order by key`,
    ]);
  }
}

function event(
  project_id: string,
  task_id: string,
  type: string,
  time: string,
  changes: readonly object[],
  more: object = {},
) {
  const data = { task_id, project_id, key: "WEIR-1", title: "Count the herons", version: 1, changes, ...more };
  return [newId(), type, task_id, time, JSON.stringify(data)];
}
