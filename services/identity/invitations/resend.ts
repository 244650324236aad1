import type { Actor } from "@stoa/auth";
import { type Sql, select, sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { command, type Part, retrying } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import { access, permissionToGive, requireAccess } from "../access.ts";
import type { Deps } from "../deps.ts";
import { organizationExists, readOrganization, stillCalled } from "../organizations/read.ts";
import { hashOf, newToken } from "../tickets/token.ts";
import { unbacked } from "./lapse.ts";
import { invitationMail, readPeople, stillTheirs } from "./mail.ts";
import { mailAllowed } from "./mailing.ts";
import { invitationColumns, isOpen, readInvitation } from "./read.ts";
import type { Invitation } from "./schema.ts";
import { type InvitationRow, invitations } from "./table.ts";

/**
 * Mails an invitation again, for another seven days, also one that has expired. Only the new mail's token is good. It counts
 * among the mails of whoever resends it, and stays an invitation of whoever sent it first.
 *
 * @throws StoaError `not_found`, `forbidden`, `invitation_accepted`, `already_invited` when another one to the address is open;
 *   `invitation_closed` for one that was declined or revoked; `rate_limited`.
 */
export function resendInvitation(
  deps: Pick<Deps, "db" | "now" | "public_url">,
  actor: Actor,
  organization_id: string,
  id: string,
): Promise<Invitation> {
  const { db } = deps;
  return retrying(db, `invitation ${id}`, async () => {
    const { email, role, status } = await readInvitation(deps, actor, organization_id, id);
    const { name, ...organization } = await readOrganization(db, actor, organization_id);
    const permission = permissionToGive(role);
    requireAccess(organization.role, permission);
    if (status === "accepted") throw new StoaError("invitation_accepted");
    if (status !== "pending" && status !== "expired") throw closed();
    const email_key = emailKey(email);
    const { user_id, inviter } = await readPeople(db, actor, email_key);
    const now = deps.now();
    const time = now.toISOString();
    const token = newToken();
    const { expires_at, statement } = invitationMail(deps, actor, { email, role, token, user_id, inviter, name }, now);
    const resent: Part = {
      effects: (happened) => [
        updateRows(invitations, { token_hash: hashOf(token), expires_at }, sql`id = ${id} and ${happened}`),
        statement(happened),
      ],
    };
    const rows = await command(
      db,
      actor.cause,
      {
        type: "invitation.resent",
        aggregate_id: organization_id,
        entity_id: id,
        organization_id,
        time,
        data: { organization_id, name, invitation_id: id, role, user_id },
      },
      [
        organizationExists(organization_id),
        access(actor, permission, organization_id),
        stillCalled({ id: organization_id, name }),
        stillTheirs(email_key, user_id),
        // One that was ended meanwhile is looked at anew: why it is refused depends on how it ended.
        hasStatus(id, "pending"),
        { guard: backed(id), why: closed },
        noOther(id, email_key, organization_id, now),
        ...mailAllowed(actor, email_key, now),
        resent,
      ],
      select(invitationColumns(now), sql`from ${invitations} where id = ${id}`),
    );
    return rows?.[0];
  });
}

function hasStatus(id: string, status: InvitationRow["status"]): Part {
  return { guard: sql`exists (select 1 from ${invitations} where ${invitations.id} = ${id} and status = ${status})` };
}
/** Its inviter may still give the role. */
function backed(id: string): Sql {
  return sql`exists (select 1 from ${invitations} where ${invitations.id} = ${id} and not ${unbacked})`;
}

function noOther(id: string, email_key: string, organization_id: string, now: Date): Part {
  return {
    guard: sql`not exists (select 1 from invitations where id <> ${id}
      and organization_id = ${organization_id} and email_key = ${email_key} and ${isOpen(now)})`,
    why: () => new StoaError("already_invited"),
  };
}

function closed(): StoaError {
  return new StoaError("invitation_closed", { detail: "The invitation was declined or revoked; send another." });
}
