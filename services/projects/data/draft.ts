import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import type { ProjectRole } from "@stoa/events";
import { requireAccess } from "../access.ts";
import { Batch } from "./batch.ts";
import { keyOf } from "./items.ts";
import type { Known } from "./known.ts";
import type { Values } from "./merge.ts";
import type { DataResult, Kind } from "./schema.ts";
import type { ImportRecord, ProjectState, TaskState } from "./states.ts";

/** What became of an item, without its names. */
export type Outcome = Pick<DataResult, "id" | "outcome" | "kept">;

/**
 * A save while it is decided: what is known, as the items so far will have left it, and the batch that takes the next
 * item's writes. An item changes nothing of it before all of the item has been found right.
 */
export interface Draft {
  readonly actor: Actor;
  readonly source: string;
  readonly overwrite: boolean;
  readonly time: string;
  readonly known: Known;
  /** The external ids of tasks that the payload makes parts of themselves. */
  readonly circles: ReadonlySet<string>;
  /** By external id, why identity does not add somebody who is not here. */
  readonly refused: ReadonlyMap<string, StoaError>;
  batch: Batch;
}

export function newDraft(of: Omit<Draft, "batch">): Draft {
  return { ...of, batch: new Batch() };
}

/** What an external id is here. */
export function recordOf({ known }: Draft, kind: Kind, external_id: string): ImportRecord | undefined {
  return known.records.get(keyOf(kind, external_id));
}

/** The id here of something that an item refers to. @throws StoaError `not_found`, naming the field. */
export function referTo(draft: Draft, kind: Kind, external_id: string, path: string): string {
  const record = recordOf(draft, kind, external_id);
  if (record) return record.entity_id;
  const message = `This source has no ${kind} ${JSON.stringify(external_id)} here.`;
  throw new StoaError("not_found", { detail: message, errors: [{ path, message }] });
}

/** Remembers what an external id is here, and what it was given. */
export function remember(
  { known, batch }: Draft,
  kind: Kind,
  external_id: string,
  entity_id: string,
  values: Values = {},
): void {
  const key = keyOf(kind, external_id);
  const record = { kind, external_id, entity_id, values };
  if (!known.records.has(key)) batch.firsts.push(record);
  known.records.set(key, record);
  batch.records.set(key, record);
}

/** The asker's role where a task is; the creator of a personal task is its owner. */
export function roleAt({ actor, known }: Draft, { task }: TaskState): ProjectRole | null {
  if (task.project_id !== null) return known.projects.get(task.project_id)?.role ?? null;
  return actor.is_superuser || task.creator_id === actor.user_id ? "owner" : null;
}

/** A project that is not in the trash and that the asker may see. @throws StoaError `not_found`, `forbidden` */
export function liveProjectOf({ known }: Draft, id: string): ProjectState {
  const project = known.projects.get(id);
  if (!project || project.deleted_at !== null) {
    throw new StoaError("not_found", { detail: "The project is in the trash, or was deleted for good." });
  }
  requireAccess(project.role, "read");
  return project;
}

/** A task that is not in the trash, and the asker's role there. @throws StoaError `not_found`, `forbidden` */
export function liveTaskOf(draft: Draft, id: string): { readonly state: TaskState; readonly role: ProjectRole } {
  const state = draft.known.tasks.get(id);
  const role = state ? roleAt(draft, state) : null;
  if (!state || state.task.deleted_at !== null) {
    throw new StoaError("not_found", { detail: "The task is in the trash, or was deleted for good." });
  }
  requireAccess(role, "read");
  return { state, role };
}
