import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { command, type Part, retrying } from "@stoa/journal";
import { accessToTask, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { accessLiveTask, inPlace } from "../tasks/read.ts";
import { appendOtherEnd, type LinkHappening, linkEvent } from "./events.ts";
import { readLink } from "./read.ts";

/** Takes a link off, from either of its tasks. @throws StoaError `not_found`, `forbidden`. */
export async function removeLink({ db, now }: StoreDeps, actor: Actor, task_id: string, id: string): Promise<void> {
  await retrying(db, `link ${id}`, async () => {
    const { task, role } = await accessLiveTask(db, actor, task_id);
    const link = await readLink(db, task_id, id);
    requireAccess(role, "write");
    const happening: LinkHappening = { type: "link.removed", link, task, time: now().toISOString() };
    const removed: Part = {
      guard: sql`exists (select 1 from links where id = ${id})`,
      effects: (happened) => [
        appendOtherEnd(happening, actor.cause, happened),
        sql`delete from links where id = ${id} and ${happened}`,
      ],
    };
    return command(db, actor.cause, linkEvent(happening), [inPlace(task), accessToTask(actor, task), removed]);
  });
}
