import type { Change, TaskStatus } from "@stoa/events";
import type { Happening } from "./histories.ts";

/**
 * Reports by the plainest way there is: every event is applied to a copy of everything, and each number is counted from
 * the copies. It shares no code with the service, and knows days only by what a calendar in the zone shows.
 */
interface Task {
  project_id: string | null;
  status: TaskStatus;
  trashed: boolean;
  started: number | null;
  finished: number | null;
  due: number | null;
  estimate: number;
  assignees: readonly string[];
}

/** Everything, after an event. */
interface World {
  readonly at: number;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly trashedProjects: ReadonlySet<string>;
}

/** The days that are asked for. */
export interface Asked {
  readonly tz: string;
  readonly days: readonly string[];
  readonly working_days: readonly number[];
  readonly now: number;
}

const calendars = new Map<string, Intl.DateTimeFormat>();

function dayIn(tz: string, time: number): string {
  let calendar = calendars.get(tz);
  if (!calendar) {
    calendar = new Intl.DateTimeFormat("sv-SE", { timeZone: tz, year: "numeric", month: "2-digit", day: "2-digit" });
    calendars.set(tz, calendar);
  }
  return calendar.format(time);
}

const dayNumber = (day: string) => Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000);

/** A journal's events of two projects, replayed. */
export class Replay {
  readonly #days = new Map<string, readonly string[]>();
  readonly #worlds: World[] = [{ at: Number.NEGATIVE_INFINITY, tasks: new Map(), trashedProjects: new Set() }];

  /** @param moments from which each event counts */
  constructor(happenings: readonly Happening[], moments: readonly number[]) {
    for (const [index, happening] of happenings.entries()) this.#apply(happening, moments[index] ?? 0);
  }

  burndown(project: string, asked: Asked) {
    const first = asked.days[0] ?? "";
    const left = this.#open(project, asked.tz, first).length;
    const later = asked.days.slice(1).filter((day) => isWorking(asked, day));
    return asked.days.map((day) => {
      const passed = later.filter((one) => one <= day).length;
      const share = later.length === 0 ? 1 : 1 - passed / later.length;
      const begun = isBegun(asked, first) ? Math.round(left * share * 100) / 100 : null;
      if (!isBegun(asked, day))
        return { day, scope: null, done: null, remaining: null, added: null, removed: null, ideal: begun };
      const scope = this.#scope(project, asked.tz, day);
      const done = scope.filter(([, { status }]) => status === "completed").length;
      const steps = this.#steps(asked.tz, (one) => one === day);
      const added = entries(steps, project, inScope);
      const removed = exits(steps, project, inScope);
      return { day, scope: scope.length, done, remaining: scope.length - done, added, removed, ideal: begun };
    });
  }

  cumulativeFlow(project: string, asked: Asked) {
    return asked.days.map((day) => {
      if (!isBegun(asked, day)) return { day, arrivals: null, departures: null, by_status: null };
      const all = this.#live(project, asked.tz, day);
      const count = (status: TaskStatus) => all.filter(([, task]) => task.status === status).length;
      const steps = this.#steps(asked.tz, (one) => one <= day);
      const born = madeDone(steps, project);
      return {
        day,
        arrivals: entries(steps, project, isOpen) + born,
        departures: exits(steps, project, isOpen) + born,
        by_status: {
          pending: count("pending"),
          in_progress: count("in_progress"),
          in_review: count("in_review"),
          completed: count("completed"),
          cancelled: count("cancelled"),
        },
      };
    });
  }

  throughput(project: string, asked: Asked) {
    return asked.days.map((day) => {
      if (!isBegun(asked, day)) return { day, finished: null };
      const done = this.#scope(project, asked.tz, day).filter(
        ([, { status, finished }]) => status === "completed" && dayIn(asked.tz, finished ?? 0) === day,
      );
      return { day, finished: done.length };
    });
  }

  cycleTime(project: string, asked: Asked) {
    const { tz } = asked;
    const last = lastBegun(asked);
    const done =
      last === undefined
        ? []
        : this.#scope(project, tz, last).flatMap(([, { status, started, finished }]) => {
            if (status !== "completed" || finished === null) return [];
            const day = dayIn(tz, finished);
            return day >= (asked.days[0] ?? "") && day <= last ? [{ started, finished }] : [];
          });
    const timed = done.flatMap(({ started, finished }) => (started === null ? [] : [{ started, finished }]));
    const days = timed
      .map(({ started, finished }) => dayNumber(dayIn(tz, finished)) - dayNumber(dayIn(tz, started)) + 1)
      .sort((a, b) => a - b);
    const seconds = timed.map(({ started, finished }) => (finished - started) / 1_000).sort((a, b) => a - b);
    const distribution = [...new Set(days)].map((cycle_days) => ({
      cycle_days,
      finished: days.filter((one) => one === cycle_days).length,
    }));
    return {
      finished: timed.length,
      excluded: done.length - timed.length,
      cycle_days: nearest(days),
      cycle_seconds: nearest(seconds),
      distribution,
    };
  }

  workload(project: string, asked: Asked) {
    const last = lastBegun(asked);
    const open = last === undefined ? [] : this.#open(project, asked.tz, last).map(([, task]) => task);
    const load = (tasks: readonly Task[]) => ({
      open: tasks.length,
      estimate_minutes: tasks.reduce((sum, { estimate }) => sum + estimate, 0),
      logged_minutes: 0,
    });
    const people = [...new Set(open.flatMap(({ assignees }) => assignees))];
    const assignees = people
      .map((user_id) => ({ user_id, ...load(open.filter((task) => task.assignees.includes(user_id))) }))
      .sort((a, b) => b.open - a.open || (a.user_id < b.user_id ? -1 : 1));
    return { assignees, unassigned: load(open.filter((task) => task.assignees.length === 0)) };
  }

  overdue(project: string, asked: Asked) {
    const { tz, now } = asked;
    const last = lastBegun(asked);
    if (last === undefined) return { overdue: 0, tasks: [] };
    const late = this.#open(project, tz, last)
      .flatMap(([task_id, { due }]) => (due !== null && due < now && dayIn(tz, due) <= last ? [{ task_id, due }] : []))
      .sort((a, b) => a.due - b.due || (a.task_id < b.task_id ? -1 : 1));
    const today = [last, dayIn(tz, now)].sort()[0] ?? "";
    const tasks = late.map(({ task_id, due }) => ({
      task_id,
      due_at: new Date(due).toISOString(),
      days_late: dayNumber(today) - dayNumber(dayIn(tz, due)),
    }));
    return { overdue: late.length, tasks };
  }

  #apply({ type, task_id, project_id, data }: Happening, at: number): void {
    const last = this.#worlds.at(-1) as World;
    const tasks = new Map([...last.tasks].map(([id, task]) => [id, { ...task }]));
    const trashedProjects = new Set(last.trashedProjects);
    if (task_id === null && project_id !== null) {
      if (type === "project.trashed") trashedProjects.add(project_id);
      else trashedProjects.delete(project_id);
    } else if (task_id !== null) {
      const task = tasks.get(task_id) ?? { ...fresh };
      tasks.set(task_id, task);
      task.project_id = project_id;
      if (type === "task.trashed") task.trashed = true;
      if (type === "task.restored") task.trashed = false;
      for (const { field, to } of (data as { changes?: Change[] }).changes ?? []) {
        if (field === "status") task.status = to as TaskStatus;
        if (field === "due_at") task.due = to === null ? null : Date.parse(to as string);
        if (field === "estimate_minutes") task.estimate = Number(to ?? 0);
        if (field === "assignee_ids") task.assignees = to as string[];
      }
      const before = type === "task.created" ? undefined : last.tasks.get(task_id)?.status;
      if (task.status !== before) {
        if (task.status === "in_progress" || task.status === "in_review") task.started ??= at;
        task.finished = task.status === "completed" ? at : null;
      }
    }
    this.#worlds.push({ at, tasks, trashedProjects });
  }

  /** Everything at the end of a day. */
  #at(tz: string, day: string): World {
    return this.#worlds[this.#daysIn(tz).findLastIndex((one) => one <= day)] as World;
  }

  #live = (project: string, tz: string, day: string) => chosen(this.#at(tz, day), project, () => true);
  #scope = (project: string, tz: string, day: string) => chosen(this.#at(tz, day), project, inScope);
  #open = (project: string, tz: string, day: string) => chosen(this.#at(tz, day), project, isOpen);

  /** What there was before and after each event of some days. */
  #steps(tz: string, chosen: (day: string) => boolean): Step[] {
    const days = this.#daysIn(tz);
    return this.#worlds.flatMap((after, index) => {
      const before = this.#worlds[index - 1];
      return before && chosen(days[index] ?? "") ? [[before, after] as const] : [];
    });
  }

  /** The day of each event in a zone. */
  #daysIn(tz: string): readonly string[] {
    let days = this.#days.get(tz);
    if (!days) {
      days = this.#worlds.map(({ at }, index) => (index === 0 ? "" : dayIn(tz, at)));
      this.#days.set(tz, days);
    }
    return days;
  }
}

type Step = readonly [before: World, after: World];

/** How often a task became one of those. */
function entries(steps: readonly Step[], project: string, which: (task: Task) => boolean): number {
  return steps.reduce((sum, [before, after]) => {
    const known = new Set(chosen(before, project, which).map(([id]) => id));
    return sum + chosen(after, project, which).filter(([id]) => !known.has(id)).length;
  }, 0);
}

/** How often one ceased to be. */
function exits(steps: readonly Step[], project: string, which: (task: Task) => boolean): number {
  return entries(
    steps.map(([before, after]) => [after, before]),
    project,
    which,
  );
}

/** How many tasks were made as completed ones. */
function madeDone(steps: readonly Step[], project: string): number {
  const done = ({ status }: Task) => status === "completed";
  return steps.reduce(
    (sum, [before, after]) => sum + chosen(after, project, done).filter(([id]) => !before.tasks.has(id)).length,
    0,
  );
}

const fresh: Task = {
  project_id: null,
  status: "pending",
  trashed: false,
  started: null,
  finished: null,
  due: null,
  estimate: 0,
  assignees: [],
};

function chosen(world: World, project: string, which: (task: Task) => boolean): [string, Task][] {
  if (world.trashedProjects.has(project)) return [];
  return [...world.tasks].filter(([, task]) => task.project_id === project && !task.trashed && which(task));
}

const inScope = ({ status }: Task) => status !== "cancelled";
const isOpen = ({ status }: Task) => status !== "cancelled" && status !== "completed";

const isBegun = ({ tz, now }: Asked, day: string) => dayIn(tz, now) >= day;
const lastBegun = (asked: Asked) => asked.days.findLast((day) => isBegun(asked, day));

function isWorking({ working_days }: Asked, day: string): boolean {
  return working_days.includes(new Date(`${day}T12:00:00Z`).getUTCDay() || 7);
}

function nearest(sorted: readonly number[]) {
  if (sorted.length === 0) return null;
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return { p50: at(0.5), p85: at(0.85), p95: at(0.95) };
}
