import type { Actor } from "@stoa/auth";
import { computed, type Database, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps, StoreDeps } from "../deps.ts";
import { nothingSince, unbacked } from "./lapse.ts";
import { invitationColumns, isOpen } from "./read.ts";
import type { OwnInvitation, OwnInvitationsQuery } from "./schema.ts";
import { invitations } from "./table.ts";

/** The columns of an invitation for the user whom it invites. */
export const ownColumns = (now: Date) => ({
  ...invitationColumns(now),
  organization_id: invitations.organization_id,
  organization_name: computed<string>(
    sql`(select name from organizations where organizations.id = ${invitations.organization_id})`,
  ),
  inviter_name: computed<string | null>(
    sql`(select coalesce(full_name, username) from users where users.id = ${invitations.invited_by})`,
  ),
});

/** The condition that an invitation went to the address that a user has, and has verified. */
export function addressedTo(user_id: string): Sql {
  return sql`${invitations.email_key} = (select email_key from users
    where users.id = ${user_id} and users.email_verified = 1 and users.is_active = 1)`;
}

/**
 * The user's own invitations that they can accept, newest first: those to their address, once it is verified.
 *
 * @throws StoaError `invalid_cursor`.
 */
export function listOwnInvitations(
  { db, now, cursor_key }: ListDeps,
  { user_id }: Actor,
  query: OwnInvitationsQuery,
): Promise<Page<OwnInvitation>> {
  const plan = pagePlan(cursor_key, query, {
    name: "own-invitations",
    filters: { user_id },
    order: [{ column: invitations.id, direction: "desc" }],
  });
  const time = now();
  const where = sql`${addressedTo(user_id)} and ${isOpen(time)} and not ${unbacked} and ${nothingSince(user_id)}`;
  return readPage(db, plan, { columns: ownColumns(time), from: sql`${invitations}`, where }, (row) => row);
}

/**
 * An invitation to the user.
 *
 * @throws StoaError `not_found`; `forbidden` for one to another address than theirs, or while theirs is not verified.
 */
export async function readOwnInvitation({ db, now }: StoreDeps, user_id: string, id: string) {
  const row = await readAny(db, user_id, id, now());
  if (!row) throw new StoaError("not_found", { detail: "There is no such invitation." });
  const { own, ...invitation } = row;
  if (own !== 1) throw notYours();
  return invitation;
}

async function readAny(db: Database, user_id: string, id: string, now: Date) {
  const shape = { ...ownColumns(now), own: computed<number>(sql`coalesce(${addressedTo(user_id)}, 0)`) };
  const [row] = await db.query(select(shape, sql`from ${invitations} where ${invitations.id} = ${id}`));
  return row;
}

/** The error for an invitation to somebody else. */
export function notYours(): StoaError {
  return new StoaError("forbidden", {
    detail: "This invitation was sent to another e-mail address, or yours is not verified yet.",
  });
}
