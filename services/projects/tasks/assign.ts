import type { Actor } from "@stoa/auth";
import type { IfMatch } from "@stoa/http/etag";
import type { StoreDeps } from "../deps.ts";
import { changeTask } from "./change.ts";
import type { Task } from "./schema.ts";

/**
 * Says who a task is assigned to, instead of who it was.
 *
 * @throws StoaError `not_found`, `forbidden`, `not_a_member`, `version_conflict`.
 */
export function assignTask(
  deps: StoreDeps,
  actor: Actor,
  id: string,
  user_ids: readonly string[],
  match?: IfMatch,
): Promise<Task> {
  return changeTask(deps, actor, id, { assignee_ids: user_ids }, match);
}
