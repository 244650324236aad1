import type { Actor } from "@stoa/auth";
import { computed, pickColumns, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { readOrganization } from "../organizations/read.ts";
import { Invitation } from "./schema.ts";
import { invitations } from "./table.ts";

/** The columns of an invitation at a moment: one that is past its time has expired, whatever its row says. */
export const invitationColumns = (now: Date) => ({
  ...pickColumns(invitations, Invitation.properties),
  status: computed<Invitation["status"]>(statusAt(now)),
});

/** What has become of an invitation by then, in SQL. */
export function statusAt(now: Date): Sql {
  return sql`case when status = 'pending' and expires_at <= ${now.toISOString()} then 'expired' else status end`;
}

/** An invitation. @throws StoaError `not_found`, `forbidden` unless the user manages the organization. */
export async function readInvitation(
  { db, now }: StoreDeps,
  actor: Actor,
  organization_id: string,
  id: string,
): Promise<Invitation> {
  requireAccess((await readOrganization(db, actor, organization_id)).role, "manage");
  const one = sql`from ${invitations} where organization_id = ${organization_id} and id = ${id}`;
  const [invitation] = await db.query(select(invitationColumns(now()), one));
  if (!invitation) throw new StoaError("not_found", { detail: "There is no such invitation." });
  return invitation;
}

/** The condition that an invitation can be accepted. */
export function isOpen(now: Date): Sql {
  return sql`status = 'pending' and expires_at > ${now.toISOString()}`;
}

/** The part of a command that an invitation is still open. */
export function stillOpen(id: string, now: Date): Part {
  return { guard: sql`exists (select 1 from invitations where id = ${id} and ${isOpen(now)})` };
}

/** The change of an invitation's status, as an effect. */
export function setStatus(id: string, status: "accepted" | "declined" | "revoked", happened: Sql): Sql {
  return sql`update invitations set status = ${status} where id = ${id} and ${happened}`;
}
