import type { Actor } from "@stoa/auth";
import { all, insertRow, sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { ProjectRole } from "@stoa/events";
import { type Appended, append, type Claim, commit, retrying } from "@stoa/journal";
import { hasRole, owners, requireRole } from "../access.ts";
import type { PeopleDeps } from "../deps.ts";
import { findUser, type Someone } from "../directory/lookup.ts";
import { readLiveProject } from "../projects/read.ts";
import type { Member, Project } from "../projects/schema.ts";
import { nextVersion, touchProject } from "../projects/version.ts";
import { keepsAnOwner } from "./last-owner.ts";
import { type MemberRow, selectMember, shapeMember } from "./read.ts";
import { members } from "./table.ts";

/** Who, and as what. */
export interface Membership extends Someone {
  readonly role: ProjectRole;
}

/** What became of it. */
export interface PutMember {
  readonly member: Member;
  /** False: they were a member before. */
  readonly added: boolean;
}

/**
 * Makes someone a member of a project, or gives a member another role.
 *
 * @throws StoaError `not_found` for the project or the user, `forbidden`, `last_owner` when the only owner would
 *   become something else.
 */
export async function putMember(
  deps: PeopleDeps,
  actor: Actor,
  project_id: string,
  membership: Membership,
  claim: Claim | null = null,
): Promise<PutMember> {
  const { role } = membership;
  requireRole((await readLiveProject(deps, actor, project_id)).role, owners);
  const user_id = await findUser(deps, membership);
  return retrying(async () => {
    const project = await readLiveProject(deps, actor, project_id);
    requireRole(project.role, owners);
    const member = project.members.find((one) => one.user_id === user_id);
    if (!member) return add(deps, actor, project, user_id, role, claim);
    if (member.role === role) return { member, added: false };
    return change(deps, actor, project, user_id, member.role, role);
  });
}

async function add(
  { db, now }: PeopleDeps,
  actor: Actor,
  project: Project,
  user_id: string,
  role: ProjectRole,
  claim: Claim | null,
): Promise<PutMember | undefined> {
  const time = now().toISOString();
  const event = append(
    actor.cause,
    { type: "project.member_added", ...about(project, time), data: { ...saying(project), user_id, role } },
    all([
      live(project.id),
      hasRole(actor, project.id, owners),
      sql`not exists (select 1 from members where project_id = ${project.id} and user_id = ${user_id})`,
      ...(claim ? [claim.guard] : []),
    ]),
  );
  const effects = [
    insertRow(members, { project_id: project.id, user_id, role, joined_at: time }, event.happened),
    touchProject(project.id, time, event.happened),
    ...(claim ? [claim.record(user_id, event.happened)] : []),
  ];
  const member = await send(db, actor, event, effects, project.id, user_id);
  return member && { member, added: true };
}

async function change(
  { db, now }: PeopleDeps,
  actor: Actor,
  project: Project,
  user_id: string,
  from: ProjectRole,
  to: ProjectRole,
): Promise<PutMember | undefined> {
  const time = now().toISOString();
  const { id } = project;
  const event = append(
    actor.cause,
    { type: "project.member_role_changed", ...about(project, time), data: { ...saying(project), user_id, from, to } },
    all([
      live(id),
      hasRole(actor, id, owners),
      sql`exists (select 1 from members where project_id = ${id} and user_id = ${user_id} and role = ${from})`,
    ]),
  );
  const effects = [
    sql`update members set role = ${to} where project_id = ${id} and user_id = ${user_id} and ${event.happened}`,
    touchProject(id, time, event.happened),
    ...(from === "owner" ? [keepsAnOwner(id, event.happened)] : []),
  ];
  const member = await send(db, actor, event, effects, id, user_id);
  return member && { member, added: false };
}

const live = (project_id: string) =>
  sql`exists (select 1 from projects where id = ${project_id} and deleted_at is null)`;

const about = ({ id, organization_id }: Project, time: string) => ({
  aggregate_id: id,
  entity_id: id,
  organization_id,
  time,
});

const saying = ({ id, name }: Project) => ({ project_id: id, name, version: nextVersion(id) });

async function send(
  db: PeopleDeps["db"],
  actor: Actor,
  event: Appended,
  effects: Parameters<typeof commit>[2],
  project_id: string,
  user_id: string,
): Promise<Member | undefined> {
  try {
    const { applied, rows } = await commit<MemberRow>(db, event, effects, selectMember(project_id, user_id));
    return applied && rows[0] ? shapeMember(actor, rows[0]) : undefined;
  } catch (error) {
    if (violates(error, "last_owner")) throw new StoaError("last_owner", { cause: error });
    throw error;
  }
}
