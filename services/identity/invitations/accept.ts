import type { Actor } from "@stoa/auth";
import { computed, type Database, insertRow, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, command, type Part, retrying, unmet } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { notMember } from "../members/read.ts";
import { shapeOrganization } from "../organizations/read.ts";
import { selectOrganization } from "../organizations/row.ts";
import type { Organization } from "../organizations/schema.ts";
import { organizationMembers, organizations } from "../organizations/table.ts";
import { countsAsChange } from "../organizations/version.ts";
import { hashOf } from "../tickets/token.ts";
import { users } from "../users/table.ts";
import { unbacked } from "./lapse.ts";
import { isOpen, setStatus, stillOpen } from "./read.ts";
import { type InvitationRow, invitations } from "./table.ts";

/** An invitation, the name of its organization, and what the user who accepts it must show. */
const columns = {
  id: invitations.id,
  organization_id: invitations.organization_id,
  role: invitations.role,
  status: invitations.status,
  email_key: invitations.email_key,
  name: organizations.name,
  email_verified: users.email_verified,
};

/**
 * Makes the user a member by the token that was mailed to them; their address is verified by that.
 *
 * @throws StoaError `invalid_ticket` for a token that is unknown, used, revoked or too old, whose inviter may no longer
 *   give that role, or after which the user was added or removed otherwise; `forbidden` for one that
 *   was mailed to another address; `already_member`.
 */
export function acceptInvitation({ db, now }: StoreDeps, actor: Actor, token: string): Promise<Organization> {
  const { user_id, cause } = actor;
  const hash = hashOf(token);
  return retrying(db, `invitation ${hash}`, async () => {
    const moment = now();
    const open = computed<number>(isOpen(moment));
    const [invitation] = await db.query(
      select(
        { ...columns, open },
        sql`from ${invitations} join ${organizations} on ${organizations.id} = ${invitations.organization_id}
          join ${users} on ${users.id} = ${user_id} where ${invitations.token_hash} = ${hash}`,
      ),
    );
    if (!invitation) throw invalidToken();
    if (invitation.open !== 1) throw await whyClosed(db, user_id, invitation);
    const { id, organization_id, role, name, email_key, email_verified } = invitation;
    const time = moment.toISOString();
    const accepted: Part = {
      effects: (happened) => [
        setStatus(id, "accepted", happened),
        insertRow(organizationMembers, { organization_id, user_id, role, joined_at: time }, happened),
      ],
    };
    const rows = await command(
      db,
      cause,
      {
        type: "organization.member_added",
        aggregate_id: organization_id,
        entity_id: user_id,
        organization_id,
        time,
        data: { organization_id, name, user_id, role, invitation_id: id },
      },
      [
        { ...stillOpen(id, moment), why: invalidToken },
        isBacked(id),
        mailedTo(user_id, email_key),
        notMember(organization_id, user_id),
        nothingSince(id, organization_id, user_id),
        accepted,
        countsAsChange(organization_id, time),
        ...(email_verified === 1 ? [] : [verified(actor, time)]),
      ],
      selectOrganization(actor, organization_id),
    );
    return rows?.[0] && shapeOrganization(rows[0]);
  });
}

function invalidToken(): StoaError {
  return new StoaError("invalid_ticket");
}

/** Why an invitation cannot be accepted: it has lapsed since its user became a member otherwise, or is worth nothing. */
async function whyClosed(
  db: Database,
  user_id: string,
  { status, organization_id }: Pick<InvitationRow, "status" | "organization_id">,
): Promise<StoaError> {
  const stays = status === "revoked" ? await unmet(db, [notMember(organization_id, user_id)]) : undefined;
  return stays?.why() ?? invalidToken();
}

/** The inviter may still give the role. */
function isBacked(id: string): Part {
  return { guard: sql`not exists (select 1 from invitations where id = ${id} and ${unbacked})`, why: invalidToken };
}

/**
 * Nobody has added the user by hand, nor removed them, since they were invited. That revokes the invitation to the address
 * which they had then; this also counts when they had another, and have changed to the invited one meanwhile.
 */
function nothingSince(id: string, organization_id: string, user_id: string): Part {
  return {
    guard: sql`not exists (select 1 from journal where entity_id = ${user_id} and aggregate_id = ${organization_id}
      and type in ('organization.member_added', 'organization.member_removed')
      and seq > (select seq from journal where entity_id = ${id} and type = 'organization.member_invited'))`,
    why: invalidToken,
  };
}

/** The user has the address that the invitation was mailed to. */
function mailedTo(user_id: string, email_key: string): Part {
  return {
    guard: sql`exists (select 1 from users where id = ${user_id} and email_key = ${email_key} and is_active = 1)`,
    why: () => new StoaError("forbidden", { detail: "This invitation was sent to another e-mail address." }),
  };
}

/** The user's address is verified, since they hold what was mailed there. */
function verified({ cause, user_id }: Actor, time: string): Part {
  const data = { user_id, email: sql`(select email from users where id = ${user_id})` };
  return {
    guard: sql`exists (select 1 from users where id = ${user_id} and email_verified = 0)`,
    effects: (happened) => [
      append(cause, { type: "user.email_verified", aggregate_id: user_id, time, data }, happened).statement,
      sql`update users set email_verified = 1, version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
    ],
  };
}
