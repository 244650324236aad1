import { newId } from "@stoa/db";
import type { EventData, EventName, ProjectRole } from "@stoa/events";
import type { ListedEvent } from "@stoa/journal";
import type { Permission } from "../access.ts";
import type { Link } from "../links/schema.ts";
import type { Task } from "../tasks/schema.ts";
import type { Item } from "./items.ts";
import type { ImportRecord, ProjectState } from "./states.ts";

/** An event of a batch; one about a task of this save has its key from the database. */
export interface BatchEvent extends ListedEvent {
  readonly keyed?: boolean;
}

/** A task to write. */
export interface TaskWrite {
  readonly task: Task;
  /** For a new task: which of the batch's new tasks of its project (or of its creator's own) it is, from 1. */
  readonly place: number | null;
  readonly lists: ReadonlySet<"assignee_ids" | "labels">;
}

/** How many events share a write, about: fewer wait for the disk more often, more keep others waiting. */
export const AT_ONCE = 100;

/**
 * What one atomic write does: the events and rows of some items, and what must still hold of what they were decided by. A
 * save is decided whole before anything of it is written.
 */
export class Batch {
  readonly events: BatchEvent[] = [];
  readonly records = new Map<string, ImportRecord>();
  /** The records among them that are new. */
  readonly firsts: ImportRecord[] = [];
  readonly newProjects = new Map<string, ProjectState>();
  readonly projects = new Map<string, ProjectState>();
  readonly members: { readonly project_id: string; readonly user_id: string; readonly role: ProjectRole }[] = [];
  readonly tasks = new Map<string, TaskWrite>();
  readonly trashed: { readonly id: string; readonly event_id: string }[] = [];
  readonly restored: string[] = [];
  /** New links by id, and the ids of those that go. */
  readonly links = new Map<string, Link>();
  readonly unlinked: string[] = [];
  /** How many tasks are new in each project, or among each user's own. */
  readonly places = new Map<string, number>();
  /** The versions that tasks and projects had before, where the decisions depend on them. */
  readonly taskVersions = new Map<string, number>();
  readonly projectVersions = new Map<string, number>();
  /** What the asker must still be allowed to do. */
  readonly permissions = new Map<string, { readonly project_id: string; readonly permission: Permission }>();
  readonly people = new Set<string>();
  readonly memberships = new Map<string, readonly [project_id: string, user_id: string]>();
  /** The items that are saved when it is written. */
  readonly items: Item[] = [];

  /** Adds an event of the save, and returns its id. */
  say<N extends EventName>(type: N, of: Omit<BatchEvent, "event_id" | "type" | "data">, data: EventData<N>): string {
    const event_id = newId();
    this.events.push({ event_id, type, ...of, data: { ...data, source: "import" } } as BatchEvent);
    return event_id;
  }

  /** Ends a save that has changed something. */
  summarize(data: EventData<"import.saved">): void {
    this.events.push({ event_id: newId(), type: "import.saved", aggregate_id: data.user_id, entity_id: null, data });
  }

  /** The place of one more new task. */
  place(scope_id: string): number {
    const place = (this.places.get(scope_id) ?? 0) + 1;
    this.places.set(scope_id, place);
    return place;
  }

  /** Writes a task as it is now; called again for the same task, all of it. */
  put(task: Task, place: number | null, fields: readonly string[]): void {
    const before = this.tasks.get(task.id);
    const lists = new Set(before?.lists);
    for (const field of fields) if (field === "assignee_ids" || field === "labels") lists.add(field);
    this.tasks.set(task.id, { task, place: before?.place ?? place, lists });
  }

  /** The task must still have the version that was read, unless this batch makes it. */
  dependOnTask({ id, version }: Pick<Task, "id" | "version">): void {
    if (this.taskVersions.has(id) || this.tasks.get(id)?.place) return;
    this.taskVersions.set(id, version);
  }

  /** The project must still have the version that was read, unless this batch makes it. */
  dependOnProject({ id, version }: Pick<ProjectState, "id" | "version">): void {
    if (!this.projectVersions.has(id) && !this.newProjects.has(id)) this.projectVersions.set(id, version);
  }

  /** The asker must still have a permission in the project, which must not be in the trash. */
  require(permission: Permission, project_id: string): void {
    if (!this.newProjects.has(project_id)) {
      this.permissions.set(`${permission} ${project_id}`, { project_id, permission });
    }
  }

  /** The user must still be a member of the project. */
  requireMember(project_id: string, user_id: string): void {
    if (this.members.some((one) => one.project_id === project_id && one.user_id === user_id)) return;
    this.memberships.set(`${project_id} ${user_id}`, [project_id, user_id]);
  }
}
