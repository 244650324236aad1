import type { Actor } from "@stoa/auth";
import { all, type Database, insertRow, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, type Claim, commit, retrying } from "@stoa/journal";
import type { Static } from "elysia";
import { hasRole, managersOf, requireRole } from "../access.ts";
import type { Deps } from "../deps.ts";
import { readOrganization } from "../organizations/read.ts";
import type { NewMember, OrganizationMember } from "../organizations/schema.ts";
import { organizationMembers } from "../organizations/table.ts";
import { touchOrganization } from "../organizations/version.ts";
import { normalUsername } from "../users/names.ts";
import { type MemberRow, selectMember, shapeMember } from "./read.ts";

/**
 * Makes someone a member of an organization.
 *
 * @throws StoaError `not_found` for the organization or the user, `forbidden`, `already_member`
 */
export async function addMember(
  deps: Deps,
  actor: Actor,
  organization_id: string,
  input: Static<typeof NewMember>,
  claim: Claim | null,
): Promise<OrganizationMember> {
  const { db, now } = deps;
  const { role } = input;
  return retrying(async () => {
    const organization = await readOrganization(db, actor, organization_id);
    requireRole(organization.role, managersOf(role));
    const user_id = await findUser(db, input);
    const [member] = await db.query(selectMember(organization_id, user_id));
    if (member) throw new StoaError("already_member");
    const time = now().toISOString();
    const event = append(
      actor.cause,
      {
        type: "organization.member_added",
        aggregate_id: organization_id,
        entity_id: user_id,
        organization_id,
        time,
        data: { organization_id, name: organization.name, user_id, role, invitation_id: null },
      },
      all([
        hasRole(actor, organization_id, managersOf(role)),
        isThere(user_id),
        sql`not exists (${selectMember(organization_id, user_id)})`,
        ...(claim ? [claim.guard] : []),
      ]),
    );
    const row = { organization_id, user_id, role, joined_at: time };
    const effects = [
      insertRow(organizationMembers, row, event.happened),
      touchOrganization(organization_id, time, event.happened),
      ...(claim ? [claim.record(user_id, event.happened)] : []),
    ];
    const { applied, rows } = await commit<MemberRow>(db, event, effects, selectMember(organization_id, user_id));
    return applied && rows[0] ? shapeMember(rows[0]) : undefined;
  });
}

const isThere = (user_id: string) => sql`exists (select 1 from users where id = ${user_id} and is_active = 1)`;

/** @throws StoaError `not_found`; `validation_failed` unless exactly one of id and username is given */
async function findUser(db: Database, { user_id, username }: Static<typeof NewMember>): Promise<string> {
  if ((user_id === undefined) === (username === undefined)) {
    const message = "Send either user_id or username.";
    throw new StoaError("validation_failed", { errors: [{ path: "/user_id", message }] });
  }
  const is = user_id === undefined ? sql`username = ${normalUsername(username ?? "")}` : sql`id = ${user_id}`;
  const [user] = await db.query<{ id: string }>(sql`select id from users where ${is} and is_active = 1`);
  if (!user) throw new StoaError("not_found", { detail: "There is no such user." });
  return user.id;
}
