import type { Actor } from "@stoa/auth";
import { sql, updateRows } from "@stoa/db";
import { changesOf, refuseReadOnly, valuesOf } from "@stoa/http/patch";
import { command, type Part, retrying } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { inPlace } from "../tasks/read.ts";
import { counted, workEvent } from "./logged.ts";
import { accessOwnWorklog, sameWork, selectWorklog } from "./read.ts";
import { type Worklog, type WorklogPatch, worklogFields } from "./schema.ts";
import { worklogs } from "./table.ts";

/**
 * Changes an entry of a work log, for whose work it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `validation_failed` for a read-only field.
 */
export function changeWork(
  { db, now }: StoreDeps,
  actor: Actor,
  task_id: string,
  id: string,
  patch: WorklogPatch,
): Promise<Worklog> {
  return retrying(db, `worklog ${id}`, async () => {
    const { task, worklog, may } = await accessOwnWorklog(db, actor, task_id, id);
    refuseReadOnly(worklog, patch, worklogFields);
    const changes = changesOf(worklog, patch, worklogFields);
    if (changes.length === 0) return worklog;
    const values = valuesOf<Worklog, (typeof worklogFields)[number]>(changes);
    const time = now().toISOString();
    const after = { ...worklog, ...values };
    const minutes = after.minutes - worklog.minutes;
    const changed: Part = {
      guard: sameWork(worklog),
      effects: (happened) => [updateRows(worklogs, { ...values, updated_at: time }, sql`id = ${id} and ${happened}`)],
    };
    const rows = await command(
      db,
      actor.cause,
      workEvent("worklog.changed", { task, worklog: after, changes, minutes, time }),
      [inPlace(task), may, changed, counted(task_id, minutes, time)],
      selectWorklog(id),
    );
    return rows?.[0];
  });
}
