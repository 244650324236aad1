import { StoaError } from "@stoa/errors";
import type { Task } from "../tasks/schema.ts";
import { deepest, tooDeep } from "../tasks/tree.ts";
import type { Draft } from "./draft.ts";

/**
 * A task may become a part of another: of a live one of the same project (or of the same user's own), neither itself nor
 * one below it, and not too deep. The batch then depends on all that the task will lie below.
 *
 * @param task as it is, or will be made
 * @throws StoaError `validation_failed`, `not_found` for a parent in the trash
 */
export function requireParent({ batch, known }: Draft, task: Task, parent_id: string | null): void {
  let level = 1 + (known.heights.get(task.id) ?? 0);
  for (let at = parent_id; at !== null; ) {
    const above = known.tasks.get(at)?.task;
    if (!above || above.deleted_at !== null) {
      throw new StoaError("not_found", { detail: "The parent is in the trash, or was deleted for good." });
    }
    const sameScope =
      above.project_id === task.project_id && (task.project_id !== null || above.creator_id === task.creator_id);
    if (!sameScope || above.id === task.id) {
      throw invalid("The parent is a task of the same project, neither this one nor one below it.");
    }
    if (++level > deepest) throw invalid(tooDeep);
    at = above.parent_id;
  }
  for (let at = parent_id; at !== null; ) {
    const above = known.tasks.get(at)?.task;
    if (!above) break;
    batch.dependOnTask(above);
    at = above.parent_id;
  }
}

function invalid(message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path: "/parent", message }] });
}
