import type { ProjectRole } from "@stoa/events";
import type { Task } from "../tasks/schema.ts";
import type { Values } from "./merge.ts";
import type { Kind } from "./schema.ts";

/** What an external id is here. */
export interface ImportRecord {
  readonly kind: Kind;
  readonly external_id: string;
  readonly entity_id: string;
  /** What imports have given last. */
  readonly values: Values;
}

/** A project as a save sees it, with what it has done to it so far. */
export interface ProjectState {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  readonly timezone: string;
  readonly working_days: readonly number[];
  readonly organization_id: string | null;
  readonly version: number;
  readonly deleted_at: string | null;
  /** The asker's. */
  readonly role: ProjectRole | null;
}

/** A task as a save sees it, with what it has done to it so far. */
export interface TaskState {
  readonly task: Task;
  readonly deletion_id: string | null;
  /** False: its key is in the database alone, as this save made it. */
  readonly hasKey: boolean;
}
