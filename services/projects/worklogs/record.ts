import type { Actor } from "@stoa/auth";
import { insertRow, newId } from "@stoa/db";
import { type Claim, command, type Part } from "@stoa/journal";
import { accessToWork } from "../access.ts";
import { dayIn } from "../day.ts";
import type { StoreDeps } from "../deps.ts";
import { accessLiveTask, inPlace } from "../tasks/read.ts";
import { counted, workEvent } from "./logged.ts";
import { selectWorklog } from "./read.ts";
import { type NewWorklog, type Worklog, worklogFields } from "./schema.ts";
import { worklogs } from "./table.ts";

/**
 * Records one's work on a task, for those who may change the task and its assignees. Without a day it was done today, by
 * the calendar of the project.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `not_found`, `forbidden`.
 */
export async function recordWork(
  { db, now }: StoreDeps,
  actor: Actor,
  task_id: string,
  { minutes, note = null, spent_on }: NewWorklog,
  claim: Claim,
): Promise<Worklog | undefined> {
  const { task, role, timezone } = await accessLiveTask(db, actor, task_id);
  const may = accessToWork(actor, task, role);
  const moment = now();
  const time = moment.toISOString();
  const worklog: Worklog = {
    id: newId(),
    task_id,
    user_id: actor.user_id,
    minutes,
    note,
    spent_on: spent_on ?? dayIn(timezone, moment),
    created_at: time,
    updated_at: time,
  };
  const recorded: Part = { effects: (happened) => [insertRow(worklogs, worklog, happened)] };
  const changes = worklogFields.flatMap((field) =>
    worklog[field] === null ? [] : [{ field, from: null, to: worklog[field] }],
  );
  const rows = await command(
    db,
    actor.cause,
    workEvent("worklog.recorded", { task, worklog, changes, minutes, time }),
    [inPlace(task), may, claim(worklog.id), recorded, counted(task_id, minutes, time)],
    selectWorklog(worklog.id),
  );
  return rows?.[0];
}
