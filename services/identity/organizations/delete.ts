import type { Actor } from "@stoa/auth";
import { all, sql } from "@stoa/db";
import { type RequestHeaders, requireMatch } from "@stoa/http";
import { append, commit, retrying } from "@stoa/journal";
import { hasRole, owners, requireRole } from "../access.ts";
import type { Deps } from "../deps.ts";
import { readOrganization } from "./read.ts";

/**
 * Deletes an organization with its memberships and invitations. The projects service moves its projects to the trash.
 *
 * @param headers of the request: `If-Match` is heeded
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`
 */
export async function deleteOrganization(
  { db, now }: Deps,
  actor: Actor,
  id: string,
  headers: RequestHeaders,
): Promise<void> {
  await retrying(async () => {
    const organization = await readOrganization(db, actor, id);
    requireRole(organization.role, owners);
    requireMatch(headers, organization);
    const { name, version } = organization;
    const event = append(
      actor.cause,
      {
        type: "organization.deleted",
        aggregate_id: id,
        organization_id: id,
        time: now().toISOString(),
        data: { organization_id: id, name },
      },
      all([
        sql`exists (select 1 from organizations where id = ${id} and version = ${version})`,
        hasRole(actor, id, owners),
      ]),
    );
    // Members and invitations go with their organization.
    const { applied } = await commit(db, event, [
      sql`delete from organizations where id = ${id} and ${event.happened}`,
    ]);
    return applied || undefined;
  });
}
