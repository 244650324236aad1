import type { Actor } from "@stoa/auth";
import { listed, raw, sql } from "@stoa/db";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import { requireAccess } from "../access.ts";
import type { ListDeps } from "../deps.ts";
import { readOrganization } from "../organizations/read.ts";
import { invitationColumns, statusAt } from "./read.ts";
import type { Invitation, InvitationsQuery } from "./schema.ts";
import { invitations } from "./table.ts";

/**
 * An organization's invitations, newest first.
 *
 * @throws StoaError `not_found`, `forbidden` unless the user manages the organization; `invalid_cursor`.
 */
export async function listInvitations(
  { db, now, cursor_key }: ListDeps,
  actor: Actor,
  organization_id: string,
  query: InvitationsQuery,
): Promise<Page<Invitation>> {
  requireAccess((await readOrganization(db, actor, organization_id)).role, "manage");
  const { status } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "invitations",
    filters: { organization_id, status },
    order: [{ column: invitations.id, direction: "desc" }],
  });
  const time = now();
  const withStatus = status === undefined ? raw("1") : sql`${statusAt(time)} in ${listed(status)}`;
  const where = sql`organization_id = ${organization_id} and ${withStatus}`;
  const source = { columns: invitationColumns(time), from: sql`${invitations}`, where };
  return readPage(db, plan, source, (row) => row);
}
