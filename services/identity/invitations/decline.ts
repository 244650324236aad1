import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { command, type Part, retrying } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { organizationName } from "../organizations/read.ts";
import { addressedTo, notYours, readOwnInvitation } from "./own.ts";
import { setStatus, stillOpen } from "./read.ts";
import type { OwnInvitation } from "./schema.ts";
import { invitations } from "./table.ts";

/**
 * Declines an invitation to the user: its token is worth nothing any more, and the address can be invited again. One that was
 * declined or revoked, or has expired, stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `invitation_accepted`.
 */
export function declineInvitation(deps: StoreDeps, actor: Actor, id: string): Promise<OwnInvitation> {
  const { user_id, cause } = actor;
  return retrying(deps.db, `invitation ${id}`, async () => {
    const invitation = await readOwnInvitation(deps, user_id, id);
    const { status, organization_id } = invitation;
    if (status === "accepted") throw new StoaError("invitation_accepted");
    if (status !== "pending") return invitation;
    const now = deps.now();
    const declined: Part = { effects: (happened) => [setStatus(id, "declined", happened)] };
    const rows = await command(
      deps.db,
      cause,
      {
        type: "invitation.declined",
        aggregate_id: organization_id,
        entity_id: id,
        organization_id,
        time: now.toISOString(),
        data: { organization_id, name: organizationName(organization_id), invitation_id: id, user_id },
      },
      [isAddressed(id, user_id), stillOpen(id, now), declined],
    );
    return rows && { ...invitation, status: "declined" as const };
  });
}

/** The part of a command that an invitation is to the user's own, verified address. */
export function isAddressed(id: string, user_id: string): Part {
  return {
    guard: sql`exists (select 1 from ${invitations} where ${invitations.id} = ${id} and ${addressedTo(user_id)})`,
    why: notYours,
  };
}
