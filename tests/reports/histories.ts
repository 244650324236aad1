import type { Database } from "@stoa/db";
import { newId, sql } from "@stoa/db";
import type { Change, TaskStatus } from "@stoa/events";
import type { Random } from "../random.ts";

/** An event as a journal has it. */
export interface Happening {
  readonly type: string;
  /** Milliseconds. */
  readonly time: number;
  readonly project_id: string | null;
  /** Null for an event about a whole project. */
  readonly task_id: string | null;
  readonly data: object;
}

/** What happened in two projects between which tasks move, and to one personal task or another. */
export interface History {
  readonly projects: readonly [string, string];
  readonly happenings: readonly Happening[];
}

interface Task {
  readonly id: string;
  readonly values: Record<string, unknown> & { status: TaskStatus };
  project_id: string | null;
  trashed: boolean;
}

const statuses: readonly TaskStatus[] = ["pending", "in_progress", "in_review", "completed", "cancelled"];
const people = ["ada", "grace", "linus"].map((name) => `0197a1c0-5e2b-7c4d-9a3f-${name.padStart(12, "0")}`);
/** Minutes of a day in UTC at which days begin somewhere, when clocks are ahead and when they are not. */
const midnights = [10 * 60, 11 * 60, 13 * 60, 13 * 60 + 30, 18 * 60 + 15, 22 * 60, 23 * 60, 4 * 60, 5 * 60];
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Makes a history of some dozens of events. Some come at the same moment, at midnight, or a little too late. */
export function historyOf(random: Random, begin: number, days: number): History {
  return new Making(random, begin, days).history();
}

class Making {
  readonly #random: Random;
  readonly #end: number;
  readonly #projects: readonly [string, string] = [newId(), newId()];
  readonly #inTrash = new Set<string>();
  readonly #tasks: Task[] = [];
  readonly #happenings: Happening[] = [];
  #time: number;

  constructor(random: Random, begin: number, days: number) {
    this.#random = random;
    this.#time = begin;
    this.#end = begin + days * DAY_MS;
  }

  history(): History {
    for (const project_id of this.#projects) {
      this.#happenings.push({
        type: "project.created",
        time: this.#time,
        project_id,
        task_id: null,
        data: { project_id },
      });
    }
    const events = 20 + this.#random.below(40);
    const step = (this.#end - this.#time) / events;
    for (let event = 0; event < events; event++) {
      this.#pass(step);
      this.#happen();
    }
    return { projects: this.#projects, happenings: this.#happenings };
  }

  #pass(step: number): void {
    const kind = this.#random.below(10);
    if (kind === 0) return;
    const to = this.#time + Math.floor(this.#random.next() * step * 2);
    const near = to - (to % DAY_MS) + this.#random.pick(midnights) * MINUTE_MS;
    // Just before, at or after the first moment of a day in one zone or another.
    this.#time = kind < 6 ? Math.max(this.#time, near + (kind - 3) * this.#random.pick([1, 1, 1_000_000])) : to;
  }

  #happen(): void {
    const { below, pick } = this.#random;
    const live = this.#tasks.filter((task) => !task.trashed && !this.#inTrash.has(task.project_id ?? ""));
    const kind = below(20);
    if (live.length === 0 || kind < 4) this.#create();
    else if (kind < 11) this.#set(pick(live), { status: pick(statuses) });
    else if (kind === 11) this.#set(pick(live), { due_at: this.#due() });
    else if (kind === 12) this.#set(pick(live), { estimate_minutes: below(3) === 0 ? null : below(500) });
    else if (kind === 13) this.#set(pick(live), { assignee_ids: people.filter(() => below(2) === 0) });
    else if (kind === 14) this.#set(pick(live), { status: pick(statuses), due_at: this.#due(), title: "Anew" });
    else if (kind === 15) this.#moveToProject(pick(live));
    else if (kind === 16) this.#trash(pick(live), true);
    else if (kind === 17) this.#restore();
    else this.#turnProject();
  }

  #due(): string | null {
    const { below } = this.#random;
    return below(4) === 0 ? null : new Date(this.#time + (below(20) - 8) * 6 * HOUR_MS).toISOString();
  }

  #create(): void {
    const { below, pick } = this.#random;
    const home = below(8) === 0 ? null : pick(this.#projects);
    const project_id = home !== null && this.#inTrash.has(home) ? null : home;
    const status = below(3) === 0 ? pick(statuses) : "pending";
    const values = {
      status,
      due_at: this.#due(),
      estimate_minutes: below(2) === 0 ? null : below(500),
      assignee_ids: people.filter(() => below(3) === 0),
    };
    const task: Task = { id: newId(), project_id, trashed: false, values };
    this.#tasks.push(task);
    const given = Object.entries(values).filter(([, to]) => to !== null);
    const changes = given.map(([field, to]) => ({ field, from: null, to }));
    this.#say(task, "task.created", { status, assignee_ids: values.assignee_ids, changes });
  }

  #set(task: Task, values: Record<string, unknown>): void {
    const changes = Object.entries(values)
      .map(([field, to]): Change => ({ field, from: task.values[field] ?? null, to }))
      .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
    if (changes.length === 0) return;
    Object.assign(task.values, values);
    const status = changes.find(({ field }) => field === "status");
    const closed = (of: unknown) => of === "completed" || of === "cancelled";
    if (status?.to === "completed") this.#say(task, "task.completed", { changes });
    else if (status && closed(status.from) && !closed(status.to)) this.#say(task, "task.reopened", { changes });
    else if (changes.some(({ field }) => field === "assignee_ids")) this.#say(task, "task.assigned", { changes });
    else this.#say(task, status ? "task.moved" : "task.updated", { changes });
  }

  #moveToProject(task: Task): void {
    const to = this.#projects.find((id) => id !== task.project_id && !this.#inTrash.has(id));
    if (!to) return;
    const changes = [{ field: "project_id", from: task.project_id, to }];
    task.project_id = to;
    this.#say(task, "task.moved_project", { changes });
  }

  #trash(task: Task, trashed: boolean): void {
    task.trashed = trashed;
    this.#say(task, trashed ? "task.trashed" : "task.restored", {});
  }

  #restore(): void {
    const task = this.#tasks.find((one) => one.trashed && !this.#inTrash.has(one.project_id ?? ""));
    if (task) this.#trash(task, false);
  }

  #turnProject(): void {
    const { below, pick } = this.#random;
    const project_id = pick(this.#projects);
    const trashed = this.#inTrash.has(project_id);
    // Most of the time a project is not in the trash.
    if (!trashed && below(3) > 0) return;
    if (trashed) this.#inTrash.delete(project_id);
    else this.#inTrash.add(project_id);
    const type = trashed ? "project.restored" : "project.trashed";
    this.#happenings.push({ type, time: this.#late(), project_id, task_id: null, data: { project_id } });
    // Whoever leaves is taken off the tasks of a project in the trash too, and nothing forbids other changes there.
    const inside = this.#tasks.find((one) => one.project_id === project_id);
    if (inside && !trashed) this.#set(inside, { assignee_ids: [], ...(below(2) === 0 && { status: pick(statuses) }) });
  }

  #say({ id, project_id }: Task, type: string, more: object): void {
    const data = { task_id: id, project_id, key: null, title: "A task", version: 1, ...more };
    this.#happenings.push({ type, time: this.#late(), project_id, task_id: id, data });
  }

  /** The moment that an event bears: another server's clock is behind, or a reaction waited. */
  #late(): number {
    return this.#random.below(10) === 0 ? this.#time - this.#random.below(3 * HOUR_MS) : this.#time;
  }
}

/** Several histories as one journal: by the moments at which they were written, each in its own order. */
export function interleaved(histories: readonly History[]): Happening[] {
  const written = histories.flatMap(({ happenings }) => {
    let latest = Number.NEGATIVE_INFINITY;
    return happenings.map((happening) => {
      latest = Math.max(latest, happening.time);
      return { happening, at: latest };
    });
  });
  return written.toSorted((one, other) => one.at - other.at).map(({ happening }) => happening);
}

/** What events of these kinds say besides, of which reports read nothing. */
const saidBesides = {
  ...{ name: "A project", key: "A", version: 1, organization_id: null, owner_id: "someone" },
  ...{ status: "pending", priority: "medium", assignee_ids: [], user_ids: [], removed_user_ids: [], changes: [] },
  ...{ from_project_id: null, from_key: null },
};

/** Appends them to the journal of projects. */
export async function append(db: Database, happenings: readonly Happening[]): Promise<void> {
  const rows = happenings.map(({ type, time, project_id, task_id, data }) => ({
    event_id: newId(),
    type,
    aggregate_id: project_id ?? "someone",
    entity_id: task_id ?? project_id,
    time: new Date(time).toISOString(),
    data: JSON.stringify({ ...saidBesides, ...data }),
  }));
  await db.write([
    sql`insert into journal (event_id, type, aggregate_id, entity_id, time, data)
      select value ->> 'event_id', value ->> 'type', value ->> 'aggregate_id', value ->> 'entity_id', value ->> 'time',
        value ->> 'data' from json_each(${JSON.stringify(rows)}) order by key`,
  ]);
}
