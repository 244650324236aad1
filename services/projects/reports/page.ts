import { type Count, countedIn, tellChanges } from "./counted.ts";
import { Counters } from "./counters.ts";
import { type Moment, Spells } from "./spells.ts";
import { afterEvent, type TaskEventData, type TaskState } from "./task-state.ts";

/** An event about a task, its number, and the moment from which it counts. */
export interface TaskEvent extends Moment {
  readonly type: string;
  readonly data: TaskEventData;
}

/** A task that stood completed in a project. */
interface Completion {
  readonly project_id: string;
  readonly started_at: number | null;
  readonly finished_at: number;
}

/** An open task with a due time. */
interface Due {
  readonly project_id: string;
  readonly due_at: number;
}

/** What an open task is to each of its assignees; to nobody: `""`. */
interface Load {
  readonly project_id: string;
  readonly assignees: readonly string[];
  readonly estimate_minutes: number;
  readonly logged_minutes: number;
}

/** A task as it is kept: with its number, and the rows of its spells that have no end. */
export interface KeptTask extends TaskState {
  readonly row: number;
  readonly completion_row: number | null;
  readonly due_row: number | null;
}

/** Every column of counts. */
export const counts: readonly Count[] = [
  "added",
  "removed",
  "arrivals",
  "departures",
  "pending",
  "in_progress",
  "in_review",
  "completed",
  "cancelled",
];
/** What is counted of an assignee's open tasks. */
export const loads = ["open", "estimate_minutes", "logged_minutes"] as const;

/** What a page of the journal changes of the projection: pure, so that its order is the journal's. */
export class Page {
  readonly counts = new Counters<{ project_id: string }, Count>(counts);
  readonly workloads = new Counters<{ project_id: string; assignee_id: string }, (typeof loads)[number]>(loads);
  readonly completions: Spells<Completion>;
  readonly dues: Spells<Due>;
  readonly #states: Map<string, TaskState>;
  /** The numbers of tasks by their ids, and of projects. */
  readonly #rows: Map<string, number>;
  readonly #projects: ReadonlyMap<string, number>;
  readonly #changed = new Set<string>();
  readonly #inTrash: ReadonlySet<string>;

  /**
   * @param tasks that the page is about, as they were before it
   * @param projects that its events are about: their numbers
   * @param inTrash the projects that are in the trash: their tasks do not count
   */
  constructor(tasks: readonly KeptTask[], projects: ReadonlyMap<string, number>, inTrash: ReadonlySet<string>) {
    const rows = (which: "completion_row" | "due_row") =>
      new Map(tasks.flatMap((task) => (task[which] === null ? [] : [[task.task_id, task[which]] as const])));
    this.#states = new Map(tasks.map(({ row, completion_row, due_row, ...state }) => [state.task_id, state]));
    this.#rows = new Map(tasks.map(({ task_id, row }) => [task_id, row]));
    this.#projects = projects;
    this.completions = new Spells(rows("completion_row"));
    this.dues = new Spells(rows("due_row"));
    this.#inTrash = inTrash;
  }

  apply({ type, data, seq, at }: TaskEvent): void {
    const before = this.#states.get(data.task_id);
    const after = afterEvent(before, type, data, at);
    if (!before && !after) return;
    if (after) this.#states.set(data.task_id, after);
    else this.#states.delete(data.task_id);
    if (!before) this.#rows.set(data.task_id, seq);
    this.#changed.add(data.task_id);
    tellChanges(before, after, (project_id, count, by) => {
      if (!this.#inTrash.has(project_id)) this.counts.add({ project_id }, at, count, by);
    });
    const [from, to] = [this.#loadOf(before), this.#loadOf(after)];
    if (JSON.stringify(from) !== JSON.stringify(to)) {
      this.#load(from, at, -1);
      this.#load(to, at, 1);
    }
    this.completions.change(data.task_id, completionOf(before), completionOf(after), { seq, at });
    this.dues.change(data.task_id, dueOf(before), dueOf(after), { seq, at });
  }

  /** The rows of the tasks that the page changed, as they are after it. */
  tasks() {
    return [...this.#changed].flatMap((task_id) => {
      const state = this.#states.get(task_id);
      if (!state) return [];
      return {
        ...state,
        row: this.#rows.get(task_id),
        project: this.#projects.get(state.project_id ?? ""),
        trashed: state.trashed ? 1 : 0,
        assignee_ids: JSON.stringify(state.assignee_ids),
        completion_row: this.completions.rowOf(task_id),
        due_row: this.dues.rowOf(task_id),
      };
    });
  }

  /** The rows of the tasks that have gone for good. */
  gone(): number[] {
    return [...this.#changed].flatMap((task_id) => (this.#states.has(task_id) ? [] : (this.#rows.get(task_id) ?? [])));
  }

  #loadOf(state: TaskState | undefined): Load | undefined {
    const counted = countedIn(state);
    if (!state || !counted?.open || this.#inTrash.has(counted.project_id)) return undefined;
    const { assignee_ids, estimate_minutes, logged_minutes } = state;
    const assignees = assignee_ids.length === 0 ? [""] : assignee_ids;
    return { project_id: counted.project_id, assignees, estimate_minutes, logged_minutes };
  }

  #load(load: Load | undefined, at: number, by: 1 | -1): void {
    if (!load) return;
    for (const assignee_id of load.assignees) {
      const key = { project_id: load.project_id, assignee_id };
      this.workloads.add(key, at, "open", by);
      this.workloads.add(key, at, "estimate_minutes", by * load.estimate_minutes);
      this.workloads.add(key, at, "logged_minutes", by * load.logged_minutes);
    }
  }
}

function completionOf(state: TaskState | undefined): Completion | undefined {
  const counted = countedIn(state);
  if (!state || counted?.status !== "completed" || state.finished_at === null) return undefined;
  return { project_id: counted.project_id, started_at: state.started_at, finished_at: state.finished_at };
}

function dueOf(state: TaskState | undefined): Due | undefined {
  const counted = countedIn(state);
  if (!state || !counted?.open || state.due_at === null) return undefined;
  return { project_id: counted.project_id, due_at: state.due_at };
}
