import type { Actor } from "@stoa/auth";
import { all, insertRow, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit, retrying } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { type OrganizationRow, selectOrganization, shapeOrganization } from "../organizations/read.ts";
import type { Organization } from "../organizations/schema.ts";
import { organizationMembers } from "../organizations/table.ts";
import { touchOrganization } from "../organizations/version.ts";
import { hashOf } from "../tickets/token.ts";
import { isOpen } from "./read.ts";
import type { InvitationRow } from "./table.ts";

/** An invitation that is open, its organization's name, and the asker. */
type Offer = Pick<InvitationRow, "id" | "organization_id" | "role" | "email_key"> & {
  readonly name: string;
  readonly own_email_key: string | null;
  readonly email_verified: number;
  readonly is_member: number;
};

/**
 * Makes the asker a member by the token of a mail to their address, which is verified by that.
 *
 * @throws StoaError `invalid_ticket` for a token that is unknown, used, revoked or too old; `forbidden` for one that
 *   was mailed to another address; `already_member`
 */
export async function acceptInvitation({ db, ...deps }: Deps, actor: Actor, token: string): Promise<Organization> {
  const { user_id, cause } = actor;
  return retrying(async () => {
    const now = deps.now();
    const [offer] = await db.query<Offer>(sql`
      select i.id, i.organization_id, i.role, i.email_key, o.name, u.email_key as own_email_key, u.email_verified,
        exists (select 1 from organization_members m
          where m.organization_id = i.organization_id and m.user_id = u.id) as is_member
      from invitations i join organizations o on o.id = i.organization_id join users u on u.id = ${user_id}
      where i.token_hash = ${hashOf(token)} and ${isOpen(now)}`);
    if (!offer) throw new StoaError("invalid_ticket");
    if (offer.own_email_key !== offer.email_key) {
      throw new StoaError("forbidden", { detail: "This invitation was sent to another e-mail address." });
    }
    if (offer.is_member === 1) throw new StoaError("already_member");

    const { organization_id, role, name } = offer;
    const time = now.toISOString();
    const event = append(
      cause,
      {
        type: "organization.member_added",
        aggregate_id: organization_id,
        entity_id: user_id,
        organization_id,
        time,
        data: { organization_id, name, user_id, role, invitation_id: offer.id },
      },
      all([
        sql`exists (select 1 from invitations where id = ${offer.id} and ${isOpen(now)})`,
        sql`exists (select 1 from users where id = ${user_id} and email_key = ${offer.email_key} and is_active = 1
          and email_verified = ${offer.email_verified})`,
        sql`not exists (select 1 from organization_members
          where organization_id = ${organization_id} and user_id = ${user_id})`,
      ]),
    );
    const verified = append(
      cause,
      { type: "user.email_verified", aggregate_id: user_id, time, data: { user_id } },
      event.happened,
    );
    const verifying = [
      verified.statement,
      sql`update users set email_verified = 1, version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${verified.happened}`,
    ];
    const { applied, rows } = await commit<OrganizationRow>(
      db,
      event,
      [
        sql`update invitations set status = 'accepted' where id = ${offer.id} and ${event.happened}`,
        insertRow(organizationMembers, { organization_id, user_id, role, joined_at: time }, event.happened),
        touchOrganization(organization_id, time, event.happened),
        ...(offer.email_verified === 1 ? [] : verifying),
      ],
      selectOrganization(actor, organization_id),
    );
    return applied ? shapeOrganization(actor, rows[0]) : undefined;
  });
}
