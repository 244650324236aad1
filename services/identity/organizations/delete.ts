import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { access, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { organizationExists, readOrganization } from "./read.ts";
import { organizations } from "./table.ts";

/**
 * Deletes an organization with its memberships and invitations. The projects service moves its projects to the trash.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`.
 */
export async function deleteOrganization(
  { db, now }: StoreDeps,
  actor: Actor,
  id: string,
  match?: IfMatch,
): Promise<void> {
  await retrying(db, `organization ${id}`, async () => {
    const organization = await readOrganization(db, actor, id);
    requireAccess(organization.role, "own");
    requireMatch(match, organization);
    const { name } = organization;
    const deleted: Part = {
      guard: sql`exists (select 1 from organizations where id = ${id} and name = ${name})`,
      // Foreign keys delete its members and invitations.
      effects: (happened) => [sql`delete from organizations where id = ${id} and ${happened}`],
    };
    return command(
      db,
      actor.cause,
      {
        type: "organization.deleted",
        aggregate_id: id,
        organization_id: id,
        time: now().toISOString(),
        data: { organization_id: id, name },
      },
      [organizationExists(id), access(actor, "own", id), sameVersion(match, organizations, organization), deleted],
    );
  });
}
