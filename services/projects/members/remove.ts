import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { command, type Part, retrying } from "@stoa/journal";
import { access, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { liveProject, readLiveProject } from "../projects/read.ts";
import { aboutProject, countsAsChange, nextVersion, sameProject } from "../projects/version.ts";
import { endAssignments } from "../tasks/end-assignments.ts";
import { keepsAnOwner } from "./last-owner.ts";

/**
 * Takes someone out of a project: an owner anyone, anyone themselves. Their assignments there end.
 *
 * @throws StoaError `not_found` when they are no member, `forbidden`, `last_owner`.
 */
export async function removeMember(
  { db, now }: StoreDeps,
  actor: Actor,
  project_id: string,
  user_id: string,
): Promise<void> {
  const leaving = user_id === actor.user_id;
  await retrying(db, `project ${project_id}`, async () => {
    const project = await readLiveProject(db, actor, project_id);
    const member = project.members.find((one) => one.user_id === user_id);
    if (!member) throw new StoaError("not_found", { detail: "There is no such member." });
    if (!leaving) requireAccess(project.role, "manage");
    const { role } = member;
    const { cause } = actor;
    const time = now().toISOString();
    const mine = sql`project_id = ${project_id} and user_id = ${user_id}`;
    const removed: Part = {
      guard: sql`exists (select 1 from members where ${mine} and role = ${role})`,
      effects: (happened) => [
        ...endAssignments(cause, sql`t.project_id = ${project_id}`, user_id, happened, time),
        sql`delete from members where ${mine} and ${happened}`,
      ],
    };
    return command(
      db,
      cause,
      {
        type: "project.member_removed",
        ...aboutProject(project, time),
        data: { project_id, name: project.name, version: nextVersion(project_id), user_id, role },
      },
      [
        liveProject(project_id),
        ...(leaving ? [] : [access(actor, "manage", project_id)]),
        sameProject(project),
        removed,
        countsAsChange(project_id, time),
        ...(role === "owner" ? [keepsAnOwner(project_id)] : []),
      ],
    );
  });
}
