import type { Actor } from "@stoa/auth";
import { insertRow, newId, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, type Part } from "@stoa/journal";
import { access, accessToTask, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { accessLiveTask, inPlace } from "../tasks/read.ts";
import { noCycle } from "./cycle.ts";
import { appendOtherEnd, type LinkHappening, linkEvent } from "./events.ts";
import { linkColumns, linking, selectLink } from "./read.ts";
import { rightOnLinked } from "./right.ts";
import type { Link, NewLink } from "./schema.ts";
import { links } from "./table.ts";

/** What became of it. */
export interface CreatedLink {
  readonly link: Link;
  /** False: it was there before. */
  readonly added: boolean;
}

/**
 * Links a task to another one that the user sees, and may change if it is to be blocked. A link that is there already
 * stays as it is.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `not_found`, `forbidden` for either task, `validation_failed` for a task and itself, `link_cycle`.
 */
export async function createLink(
  { db, now }: StoreDeps,
  actor: Actor,
  task_id: string,
  { type, task_id: linked_task_id }: NewLink,
  claim: Claim,
): Promise<CreatedLink | undefined> {
  if (linked_task_id === task_id) {
    const errors = [{ path: "/task_id", message: "A task is not linked to itself." }];
    throw new StoaError("validation_failed", { errors });
  }
  const { task, role } = await accessLiveTask(db, actor, task_id);
  requireAccess(role, "write");
  const { task: linked, role: linkedRole } = await accessLiveTask(db, actor, linked_task_id);
  const right = rightOnLinked(type);
  requireAccess(linkedRole, right);
  const same = linking(type, task_id, linked_task_id);
  const [before] = await db.query(select(linkColumns, sql`from ${links} where ${same}`));
  if (before) return { link: before, added: false };
  const time = now().toISOString();
  const link: Link = { id: newId(), type, task_id, linked_task_id, created_at: time };
  const happening: LinkHappening = { type: "link.created", link, task, time };
  const created: Part = {
    guard: sql`not exists (select 1 from links where ${same})`,
    effects: (happened) => [appendOtherEnd(happening, actor.cause, happened), insertRow(links, link, happened)],
  };
  const rows = await command(
    db,
    actor.cause,
    linkEvent(happening),
    [
      inPlace(task),
      inPlace(linked),
      accessToTask(actor, task),
      ...(linked.project_id === null ? [] : [access(actor, right, linked.project_id)]),
      noCycle(type, task_id, linked_task_id),
      claim(link.id),
      created,
    ],
    selectLink(link.id),
  );
  return rows?.[0] && { link: rows[0], added: true };
}
