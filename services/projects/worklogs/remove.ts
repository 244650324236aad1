import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { command, type Part, retrying } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { inPlace } from "../tasks/read.ts";
import { counted, workEvent } from "./logged.ts";
import { accessOwnWorklog, sameWork } from "./read.ts";
import { worklogFields } from "./schema.ts";

/** Takes an entry off a work log, for whose work it is. @throws StoaError `not_found`, `forbidden`. */
export async function removeWork({ db, now }: StoreDeps, actor: Actor, task_id: string, id: string): Promise<void> {
  await retrying(db, `worklog ${id}`, async () => {
    const { task, worklog, may } = await accessOwnWorklog(db, actor, task_id, id);
    const removed: Part = {
      guard: sameWork(worklog),
      effects: (happened) => [sql`delete from worklogs where id = ${id} and ${happened}`],
    };
    const changes = worklogFields.flatMap((field) =>
      worklog[field] === null ? [] : [{ field, from: worklog[field], to: null }],
    );
    const minutes = -worklog.minutes;
    const time = now().toISOString();
    return command(db, actor.cause, workEvent("worklog.removed", { task, worklog, changes, minutes, time }), [
      inPlace(task),
      may,
      removed,
      counted(task_id, minutes, time),
    ]);
  });
}
