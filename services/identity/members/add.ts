import type { Actor } from "@stoa/auth";
import { type Database, insertRow, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, type Part } from "@stoa/journal";
import { access, permissionToGive, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { invitationsLapse, sentTo } from "../invitations/lapse.ts";
import { organizationExists, organizationName, readOrganization } from "../organizations/read.ts";
import type { NewMember, OrganizationMember } from "../organizations/schema.ts";
import { organizationMembers } from "../organizations/table.ts";
import { countsAsChange } from "../organizations/version.ts";
import { normalUsername } from "../users/names.ts";
import { users } from "../users/table.ts";
import { notMember, selectMember, shapeMember } from "./read.ts";

/**
 * Makes someone a member of an organization. An open invitation to their address lapses.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `not_found` for the organization or the user, `forbidden`, `already_member`; `validation_failed`
 *   unless exactly one of id and username is given.
 */
export async function addMember(
  { db, now }: StoreDeps,
  actor: Actor,
  organization_id: string,
  { role, ...someone }: NewMember,
  claim: Claim,
): Promise<OrganizationMember | undefined> {
  const organization = await readOrganization(db, actor, organization_id);
  const permission = permissionToGive(role);
  requireAccess(organization.role, permission);
  const named = nameOf(someone);
  const user_id = await findUser(db, named);
  const time = now().toISOString();
  const added: Part = {
    effects: (happened) => [
      insertRow(organizationMembers, { organization_id, user_id, role, joined_at: time }, happened),
    ],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "organization.member_added",
      aggregate_id: organization_id,
      entity_id: user_id,
      organization_id,
      time,
      data: { organization_id, name: organizationName(organization_id), user_id, role, invitation_id: null },
    },
    [
      organizationExists(organization_id),
      access(actor, permission, organization_id),
      isUser(user_id, named),
      claim(user_id),
      notMember(organization_id, user_id),
      added,
      invitationsLapse(actor.cause, sentTo(user_id, organization_id), time),
      countsAsChange(organization_id, time),
    ],
    selectMember(organization_id, user_id),
  );
  return rows?.[0] && shapeMember(rows[0]);
}

/** The condition of a row of `users` that it is who is named, by exactly one of id and username. */
function nameOf({ user_id, username }: Omit<NewMember, "role">): Sql {
  if ((user_id === undefined) === (username === undefined)) {
    const message = "Send either user_id or username.";
    throw new StoaError("validation_failed", { errors: [{ path: "/user_id", message }] });
  }
  return user_id === undefined ? sql`username = ${normalUsername(username ?? "")}` : sql`id = ${user_id}`;
}

async function findUser(db: Database, named: Sql): Promise<string> {
  const [user] = await db.query(select({ id: users.id }, sql`from ${users} where ${active(named)}`));
  if (!user) throw noSuchUser();
  return user.id;
}

/** The part of a command that this is still the user who was named. */
function isUser(user_id: string, named: Sql): Part {
  return { guard: sql`exists (select 1 from users where id = ${user_id} and ${active(named)})`, why: noSuchUser };
}

const active = (named: Sql) => sql`${named} and is_active = 1`;

const noSuchUser = () => new StoaError("not_found", { detail: "There is no such user." });
