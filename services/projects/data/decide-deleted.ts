import { requireAccess } from "../access.ts";
import { aboutTask } from "./decide-task.ts";
import { type Draft, type Outcome, recordOf, referTo, remember, roleAt } from "./draft.ts";

/**
 * Moves a task to the trash, with the tasks below it. One that is there, or was deleted for good, stays as it is.
 *
 * @throws StoaError `not_found` for an id that was never imported, `forbidden`
 */
export function decideDeleted(draft: Draft, external_id: string): Outcome {
  const { batch, known, time } = draft;
  const id = referTo(draft, "task", external_id, "");
  const state = known.tasks.get(id);
  if (!state) return { id, outcome: "unchanged" };
  const { task } = state;
  const role = roleAt(draft, state);
  requireAccess(role, "read");
  if (task.deleted_at !== null) return { id, outcome: "unchanged" };
  requireAccess(role, "write");
  batch.dependOnTask(task);
  if (task.project_id !== null) batch.require("write", task.project_id);
  const { project_id, key, title } = task;
  const version = task.version + 1;
  const about = { ...aboutTask(task), keyed: !state.hasKey };
  const event_id = batch.say("task.trashed", about, { task_id: id, project_id, key, title, version });
  batch.trashed.push({ id, event_id });
  const gone = { ...task, version, deleted_at: time, updated_at: time };
  known.tasks.set(id, { ...state, deletion_id: event_id, task: gone });
  const values = recordOf(draft, "task", external_id)?.values;
  remember(draft, "task", external_id, id, { ...values, deletion_id: event_id });
  return { id, outcome: "updated" };
}
