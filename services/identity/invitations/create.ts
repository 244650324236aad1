import type { Actor } from "@stoa/auth";
import { all, type Database, insertRow, newId, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, type Claim, commit, retrying } from "@stoa/journal";
import type { Static } from "elysia";
import { hasRole, managersOf, requireRole } from "../access.ts";
import type { Deps } from "../deps.ts";
import { compose } from "../mail/compose.ts";
import { queueMail } from "../mail/queue.ts";
import { readOrganization } from "../organizations/read.ts";
import { hashOf, newToken } from "../tickets/token.ts";
import { emailKey } from "../users/names.ts";
import { isOpen } from "./read.ts";
import type { Invitation, NewInvitation } from "./schema.ts";
import { invitations } from "./table.ts";
import { invitationWords } from "./words.ts";

const OPEN_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;
/** Invitations that one address is mailed in an hour at most, by whomever: one that is taken back was mailed too. */
const AN_HOUR = 5;

/**
 * Invites an address to an organization: a mail carries the token, which is shown nowhere else.
 *
 * @throws StoaError `not_found`, `forbidden`, `already_member`, `already_invited`; `rate_limited` when the address was
 *   mailed too many of late
 */
export async function invite(
  deps: Deps,
  actor: Actor,
  organization_id: string,
  input: Static<typeof NewInvitation>,
  claim: Claim | null,
): Promise<Invitation> {
  const { db } = deps;
  const { role } = input;
  const email = input.email.normalize("NFC");
  const email_key = emailKey(email);
  return retrying(async () => {
    const { name, ...organization } = await readOrganization(db, actor, organization_id);
    requireRole(organization.role, managersOf(role));
    const now = deps.now();
    const known = await lookAround(db, actor.user_id, organization_id, email_key, now);
    if (known.is_member === 1) throw new StoaError("already_member");
    if (known.is_invited === 1) throw new StoaError("already_invited");
    if (known.is_flooded === 1) {
      const detail = "This address was sent too many invitations; try again after the time in Retry-After.";
      throw new StoaError("rate_limited", { detail, headers: { "retry-after": String(HOUR_MS / 1_000) } });
    }

    const time = now.toISOString();
    const row = {
      id: newId(),
      email,
      role,
      status: "pending",
      invited_by: actor.user_id,
      expires_at: new Date(now.getTime() + OPEN_MS).toISOString(),
      created_at: time,
    } as const;
    const token = newToken();
    const event = append(
      actor.cause,
      {
        type: "organization.member_invited",
        aggregate_id: organization_id,
        entity_id: row.id,
        organization_id,
        time,
        data: { organization_id, name, invitation_id: row.id, role, user_id: known.user_id },
      },
      all([
        hasRole(actor, organization_id, managersOf(role)),
        sql`not exists (${memberOf(organization_id, email_key)})`,
        sql`not exists (${openInvitation(organization_id, email_key, now)})`,
        sql`not ${isFlooded(email_key, now)}`,
        ...(claim ? [claim.guard] : []),
      ]),
    );
    const mail = {
      kind: "invitation",
      user_id: known.user_id,
      recipient: email,
      content: compose(deps.public_url, invitationWords({ token, role, organization: name, inviter: known.inviter })),
      time,
      expires_at: row.expires_at,
    } as const;
    const { applied } = await commit(db, event, [
      insertRow(invitations, { ...row, organization_id, email_key, token_hash: hashOf(token) }, event.happened),
      queueMail(mail, event.happened),
      ...(claim ? [claim.record(row.id, event.happened)] : []),
    ]);
    return applied ? row : undefined;
  });
}

interface Known {
  /** Who has the address, verified. */
  readonly user_id: string | null;
  readonly is_member: number;
  readonly is_invited: number;
  readonly is_flooded: number;
  /** What the asker is called. */
  readonly inviter: string;
}

async function lookAround(db: Database, asker: string, organization_id: string, email_key: string, now: Date) {
  const [known] = await db.query<Known>(sql`select
    (select id from users where email_key = ${email_key} and email_verified = 1 and is_active = 1) as user_id,
    exists (${memberOf(organization_id, email_key)}) as is_member,
    exists (${openInvitation(organization_id, email_key, now)}) as is_invited,
    ${isFlooded(email_key, now)} as is_flooded,
    coalesce(full_name, username) as inviter from users where id = ${asker}`);
  if (!known) throw new StoaError("session_revoked");
  return known;
}

function memberOf(organization_id: string, email_key: string) {
  return sql`select 1 from organization_members m join users u on u.id = m.user_id
    where m.organization_id = ${organization_id} and u.email_key = ${email_key}`;
}

function openInvitation(organization_id: string, email_key: string, now: Date) {
  return sql`select 1 from invitations
    where organization_id = ${organization_id} and email_key = ${email_key} and ${isOpen(now)}`;
}

/** Counts mails, which outlive the invitation and its organization. */
function isFlooded(email_key: string, now: Date) {
  const since = new Date(now.getTime() - HOUR_MS).toISOString();
  return sql`((select count(*) from mails where (user_id is null or user_id in
      (select id from users where email_key = ${email_key}))
    and kind = 'invitation' and created_at > ${since} and lower(recipient) = lower(${email_key})) >= ${AN_HOUR})`;
}
