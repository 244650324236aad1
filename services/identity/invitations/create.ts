import type { Actor } from "@stoa/auth";
import { computed, type Database, insertRow, newId, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, type Part } from "@stoa/journal";
import { compose } from "@stoa/mail/compose";
import { queueMail } from "@stoa/mail/queue";
import { access, permissionToGive, requireAccess } from "../access.ts";
import type { Deps } from "../deps.ts";
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
const DAY_MS = 86_400_000;
/** Invitations that one address is mailed in an hour at most by one inviter: one that was revoked was mailed too. */
const AN_HOUR = 5;
/** Invitations that one inviter sends in a day at most; without a limit for superusers. */
const A_DAY = 50;
const A_DAY_UNVERIFIED = 5;

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
    recipient_key: email_key,
    sender_id: actor.user_id,
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
      notFlooded(actor, email_key, now),
      notTooMany(actor, now),
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

/** It counts mails, which outlive the invitation and its organization. Those of others stand in nobody's way. */
function notFlooded({ user_id }: Actor, email_key: string, now: Date): Part {
  return {
    guard: sql`${mailsSince(user_id, now.getTime() - HOUR_MS, sql`recipient_key = ${email_key}`)} < ${AN_HOUR}`,
    why: () => tooMany("You have sent this address too many invitations", HOUR_MS),
  };
}

/** A newcomer whose own address nobody has verified does not mail strangers through Stoa. */
function notTooMany({ user_id }: Actor, now: Date): Part {
  const sent = mailsSince(user_id, now.getTime() - DAY_MS, sql`1`);
  return {
    guard: sql`exists (select 1 from users where id = ${user_id} and (is_superuser = 1 or ${sent} <
      iif(email_verified = 1 or exists (select 1 from external_identities e where e.user_id = users.id),
        ${A_DAY}, ${A_DAY_UNVERIFIED})))`,
    why: () => tooMany("You have sent too many invitations today, of which an unverified address allows few", DAY_MS),
  };
}

function mailsSince(sender_id: string, since: number, which: Sql): Sql {
  return sql`(select count(*) from mails where sender_id = ${sender_id} and kind = 'invitation'
    and created_at > ${new Date(since).toISOString()} and ${which})`;
}

function tooMany(what: string, ms: number): StoaError {
  const detail = `${what}; try again after the time in Retry-After.`;
  return new StoaError("rate_limited", { detail, headers: { "retry-after": String(ms / 1_000) } });
}
