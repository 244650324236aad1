import type { Actor } from "@stoa/auth";
import { all, sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit, retrying } from "@stoa/journal";
import { hasRole, owners, requireRole } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { readLiveProject } from "../projects/read.ts";
import { nextVersion, touchProject } from "../projects/version.ts";
import { endAssignments } from "../tasks/end-assignments.ts";
import { keepsAnOwner } from "./last-owner.ts";

/**
 * Takes someone out of a project: an owner anyone, anyone themselves. What was assigned to them there is so no more.
 *
 * @throws StoaError `not_found` when they are no member, `forbidden`, `last_owner`.
 */
export async function removeMember(
  { db, now }: StoreDeps,
  actor: Actor,
  project_id: string,
  user_id: string,
): Promise<void> {
  await retrying(async () => {
    const project = await readLiveProject({ db }, actor, project_id);
    const leaving = user_id === actor.user_id;
    const member = project.members.find((one) => one.user_id === user_id);
    if (!leaving) requireRole(project.role, owners);
    if (!member) throw new StoaError("not_found", { detail: "There is no such member." });
    const { role } = member;
    const time = now().toISOString();
    const event = append(
      actor.cause,
      {
        type: "project.member_removed",
        aggregate_id: project_id,
        entity_id: project_id,
        organization_id: project.organization_id,
        time,
        data: { project_id, name: project.name, version: nextVersion(project_id), user_id, role },
      },
      all([
        sql`exists (select 1 from projects where id = ${project_id} and deleted_at is null)`,
        sql`exists (select 1 from members where project_id = ${project_id} and user_id = ${user_id} and role = ${role})`,
        ...(leaving ? [] : [hasRole(actor, project_id, owners)]),
      ]),
    );
    const effects = [
      ...endAssignments(actor.cause, project_id, user_id, event, time),
      sql`delete from members where project_id = ${project_id} and user_id = ${user_id} and ${event.happened}`,
      touchProject(project_id, time, event.happened),
      ...(role === "owner" ? [keepsAnOwner(project_id, event.happened)] : []),
    ];
    try {
      return (await commit(db, event, effects)).applied || undefined;
    } catch (error) {
      if (violates(error, "last_owner")) throw new StoaError("last_owner", { cause: error });
      throw error;
    }
  });
}
