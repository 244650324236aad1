import type { Actor } from "@stoa/auth";
import { insertRow, newId, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, type Part } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import { access, mayGive, permissionToGive, requireAccess } from "../access.ts";
import type { Deps } from "../deps.ts";
import { organizationExists, readOrganization, stillCalled } from "../organizations/read.ts";
import { hashOf, newToken } from "../tickets/token.ts";
import { invitationMail, readPeople, stillTheirs } from "./mail.ts";
import { mailAllowed } from "./mailing.ts";
import { isOpen } from "./read.ts";
import type { Invitation, NewInvitation } from "./schema.ts";
import { invitations } from "./table.ts";

/**
 * Invites an address to an organization: a mail carries the token, which is shown nowhere else.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `not_found`, `forbidden`, `already_member`, `already_invited`; `rate_limited` when the inviter has
 *   sent too many of late, in all or to this address.
 */
export async function createInvitation(
  deps: Pick<Deps, "db" | "now" | "public_url">,
  actor: Actor,
  organization_id: string,
  { role, ...input }: NewInvitation,
  claim: Claim,
): Promise<Invitation | undefined> {
  const { db } = deps;
  const email = input.email.normalize("NFC");
  const email_key = emailKey(email);
  const permission = permissionToGive(role);
  const { name, ...organization } = await readOrganization(db, actor, organization_id);
  requireAccess(organization.role, permission);
  const { user_id, inviter } = await readPeople(db, actor, email_key);
  const now = deps.now();
  const time = now.toISOString();
  const token = newToken();
  const { expires_at, statement } = invitationMail(deps, actor, { email, role, token, user_id, inviter, name }, now);
  const invitation = {
    id: newId(),
    email,
    role,
    status: "pending",
    invited_by: actor.user_id,
    expires_at,
    created_at: time,
  } as const;
  const invited: Part = {
    effects: (happened) => [
      insertRow(invitations, { ...invitation, organization_id, email_key, token_hash: hashOf(token) }, happened),
      statement(happened),
    ],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "organization.member_invited",
      aggregate_id: organization_id,
      entity_id: invitation.id,
      organization_id,
      time,
      data: { organization_id, name, invitation_id: invitation.id, role, user_id },
    },
    [
      organizationExists(organization_id),
      access(actor, permission, organization_id),
      // A disabled user keeps their role: an invitation by them would be worth nothing.
      { guard: mayGive(sql`${actor.user_id}`, sql`${organization_id}`, sql`${role}`), why: noLongerInviter },
      stillCalled({ id: organization_id, name }),
      stillTheirs(email_key, user_id),
      claim(invitation.id),
      noMemberWith(email_key, organization_id),
      notInvited(email_key, organization_id, now),
      ...mailAllowed(actor, email_key, now),
      invited,
    ],
  );
  return rows && invitation;
}

const noLongerInviter = () => new StoaError("forbidden", { detail: "You may not invite anybody any more." });

function noMemberWith(email_key: string, organization_id: string): Part {
  return {
    guard: sql`not exists (select 1 from organization_members m join users u on u.id = m.user_id
      where m.organization_id = ${organization_id} and u.email_key = ${email_key})`,
    why: () => new StoaError("already_member"),
  };
}

function notInvited(email_key: string, organization_id: string, now: Date): Part {
  return {
    guard: sql`not exists (select 1 from invitations
      where organization_id = ${organization_id} and email_key = ${email_key} and ${isOpen(now)})`,
    why: () => new StoaError("already_invited"),
  };
}
