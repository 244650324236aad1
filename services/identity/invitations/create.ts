import type { Actor } from "@stoa/auth";
import { computed, type Database, insertRow, newId, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, type Part } from "@stoa/journal";
import { access, permissionToGive, requireAccess } from "../access.ts";
import type { Deps } from "../deps.ts";
import { compose } from "../mail/compose.ts";
import { queueMail } from "../mail/queue.ts";
import { organizationExists, readOrganization } from "../organizations/read.ts";
import { hashOf, newToken } from "../tickets/token.ts";
import { emailKey } from "../users/names.ts";
import { users } from "../users/table.ts";
import { isOpen } from "./read.ts";
import type { Invitation, NewInvitation } from "./schema.ts";
import { invitations } from "./table.ts";
import { invitationWords } from "./words.ts";

const OPEN_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;
/** Invitations that one address is mailed in an hour at most, by whomever: one that was revoked was mailed too. */
const AN_HOUR = 5;

/**
 * Invites an address to an organization: a mail carries the token, which is shown nowhere else.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `not_found`, `forbidden`, `already_member`, `already_invited`; `rate_limited` when the address was
 *   mailed too many of late.
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
  const invitation = {
    id: newId(),
    email,
    role,
    status: "pending",
    invited_by: actor.user_id,
    expires_at: new Date(now.getTime() + OPEN_MS).toISOString(),
    created_at: time,
  } as const;
  const token = newToken();
  const mail = {
    kind: "invitation",
    user_id,
    recipient: email,
    content: compose(deps.public_url, invitationWords({ token, role, organization: name, inviter })),
    time,
    expires_at: invitation.expires_at,
  } as const;
  const invited: Part = {
    effects: (happened) => [
      insertRow(invitations, { ...invitation, organization_id, email_key, token_hash: hashOf(token) }, happened),
      queueMail(mail, happened),
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
      claim(invitation.id),
      noMemberWith(email_key, organization_id),
      notInvited(email_key, organization_id, now),
      notFlooded(email_key, now),
      invited,
    ],
  );
  return rows && invitation;
}

/** The user who has the address, verified; and what the user who invites them is called. */
async function readPeople(db: Database, { user_id }: Actor, email_key: string) {
  const shape = {
    user_id: computed<string | null>(
      sql`(select id from users where email_key = ${email_key} and email_verified = 1 and is_active = 1)`,
    ),
    inviter: computed<string>(sql`coalesce(full_name, username)`),
  };
  const [people] = await db.query(select(shape, sql`from ${users} where id = ${user_id}`));
  if (!people) throw new StoaError("session_revoked");
  return people;
}

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

/** It counts mails, which outlive the invitation and its organization. */
function notFlooded(email_key: string, now: Date): Part {
  const since = new Date(now.getTime() - HOUR_MS).toISOString();
  return {
    guard: sql`(select count(*) from mails where (user_id is null or user_id in
        (select id from users where email_key = ${email_key}))
      and kind = 'invitation' and created_at > ${since} and lower(recipient) = lower(${email_key})) < ${AN_HOUR}`,
    why: () => {
      const detail = "This address was sent too many invitations; try again after the time in Retry-After.";
      return new StoaError("rate_limited", { detail, headers: { "retry-after": String(HOUR_MS / 1_000) } });
    },
  };
}
