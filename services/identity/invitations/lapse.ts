import { type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { appendEach, type Part } from "@stoa/journal";
import { mayGive } from "../access.ts";
import { isOpen } from "./read.ts";
import { invitations } from "./table.ts";

/**
 * The part of a command that revokes open invitations, each with its event. It comes after the parts that change who may
 * give what: its condition is read in the state that they leave.
 *
 * @param which the condition, of a row of `invitations`
 */
export function invitationsLapse(cause: Cause, which: Sql, time: string) {
  const lapsing = sql`${isOpen(new Date(time))} and (${which})`;
  const { id, organization_id } = invitations;
  const event = {
    cause,
    type: "organization.invitation_revoked",
    aggregate_id: sql`${organization_id}`,
    entity_id: sql`${id}`,
    organization_id: sql`${organization_id}`,
    time,
    data: sql`json_object('organization_id', ${organization_id},
      'name', (select name from organizations where organizations.id = ${organization_id}), 'invitation_id', ${id})`,
    from: sql`${invitations}`,
    where: lapsing,
  } as const;
  return {
    effects: (happened: Sql) => [
      appendEach(happened, event),
      sql`update ${invitations} set status = 'revoked' where ${lapsing} and ${happened}`,
    ],
  } satisfies Part;
}

/** The condition that an invitation is worth nothing since its inviter may no longer give its role. */
export const unbacked = sql`not ${mayGive(invitations.invited_by, invitations.organization_id, invitations.role)}`;

/** The condition that a user sent an invitation whose role they may no longer give, in any organization. */
export function noLongerBackedBy(user_id: string): Sql {
  return sql`${invitations.invited_by} = ${user_id} and ${unbacked}`;
}

/** The condition that an invitation to an organization went to the address that a user has. */
export function sentTo(user_id: string, organization_id: string): Sql {
  return sql`${invitations.organization_id} = ${organization_id}
    and ${invitations.email_key} = (select email_key from users where users.id = ${user_id})`;
}

/**
 * The condition, of a row of `invitations`, that nobody has added a user to the organization by hand, nor removed them, since
 * they were invited. That revokes the invitation to the address which they had then; this also counts when they had another,
 * and have changed to the invited one meanwhile.
 */
export function nothingSince(user_id: string): Sql {
  return sql`not exists (select 1 from journal j where j.entity_id = ${user_id}
    and j.aggregate_id = ${invitations.organization_id}
    and j.type in ('organization.member_added', 'organization.member_removed')
    and j.seq > (select seq from journal where entity_id = ${invitations.id} and type = 'organization.member_invited'))`;
}
