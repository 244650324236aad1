import type { Actor } from "@stoa/auth";
import { insertRow, sql } from "@stoa/db";
import type { ProjectRole } from "@stoa/events";
import { type Claim, command, type Part } from "@stoa/journal";
import { access, requireAccess } from "../access.ts";
import type { PeopleDeps } from "../deps.ts";
import { findUser, stillThere } from "../directory/lookup.ts";
import { liveProject, readLiveProject } from "../projects/read.ts";
import type { Member, NewMember, Project } from "../projects/schema.ts";
import { aboutProject, countsAsChange, nextVersion, sameProject } from "../projects/version.ts";
import { keepsAnOwner } from "./last-owner.ts";
import { selectMember, shapeMember } from "./row.ts";
import { members } from "./table.ts";

/** What became of it. */
export interface PutMember {
  readonly member: Member;
  /** False: they were a member before. */
  readonly added: boolean;
}

/**
 * Makes someone a member of a project, or gives a member another role.
 *
 * @returns undefined when someone else changed the membership meanwhile
 * @throws StoaError `not_found` for the project or the user, `forbidden`, `last_owner` when the only owner would
 *   become something else.
 */
export async function putMember(
  deps: PeopleDeps,
  actor: Actor,
  project_id: string,
  { role, ...someone }: NewMember,
  claim: Claim,
): Promise<PutMember | undefined> {
  const project = await readLiveProject(deps.db, actor, project_id);
  requireAccess(project.role, "manage");
  const user_id = await findUser(deps, someone);
  const member = project.members.find((one) => one.user_id === user_id);
  if (!member) return addMember(deps, actor, project, user_id, role, claim);
  if (member.role === role) return { member, added: false };
  return changeRole(deps, actor, project, user_id, member.role, role);
}

async function addMember(
  { db, now }: PeopleDeps,
  actor: Actor,
  project: Project,
  user_id: string,
  role: ProjectRole,
  claim: Claim,
): Promise<PutMember | undefined> {
  const { id, name } = project;
  const time = now().toISOString();
  const added: Part = {
    guard: sql`not exists (select 1 from members where project_id = ${id} and user_id = ${user_id})`,
    effects: (happened) => [insertRow(members, { project_id: id, user_id, role, joined_at: time }, happened)],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "project.member_added",
      ...aboutProject(project, time),
      data: { project_id: id, name, version: nextVersion(id), user_id, role },
    },
    [
      liveProject(id),
      access(actor, "manage", id),
      stillThere(user_id),
      claim(user_id),
      sameProject(project),
      added,
      countsAsChange(id, time),
    ],
    selectMember(id, user_id),
  );
  return rows?.[0] && { member: shapeMember(actor, rows[0]), added: true };
}

async function changeRole(
  { db, now }: PeopleDeps,
  actor: Actor,
  project: Project,
  user_id: string,
  from: ProjectRole,
  to: ProjectRole,
): Promise<PutMember | undefined> {
  const { id, name } = project;
  const time = now().toISOString();
  const mine = sql`project_id = ${id} and user_id = ${user_id}`;
  const changed: Part = {
    guard: sql`exists (select 1 from members where ${mine} and role = ${from})`,
    effects: (happened) => [sql`update members set role = ${to} where ${mine} and ${happened}`],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "project.member_role_changed",
      ...aboutProject(project, time),
      data: { project_id: id, name, version: nextVersion(id), user_id, from, to },
    },
    [
      liveProject(id),
      access(actor, "manage", id),
      sameProject(project),
      changed,
      countsAsChange(id, time),
      ...(from === "owner" ? [keepsAnOwner(id)] : []),
    ],
    selectMember(id, user_id),
  );
  return rows?.[0] && { member: shapeMember(actor, rows[0]), added: false };
}
