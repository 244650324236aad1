import type { Actor } from "@stoa/auth";
import { sql, updateRows } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { type Change, changesOf, refuseReadOnly, valuesOf } from "@stoa/http/patch";
import { command, type Part, retrying } from "@stoa/journal";
import { access, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { organizationExists, readOrganization, shapeOrganization } from "./read.ts";
import { selectOrganization } from "./row.ts";
import { type Organization, type OrganizationPatch, organizationFields } from "./schema.ts";
import { normalSlug, slugFree } from "./slug.ts";
import { organizations } from "./table.ts";

type OrganizationChange = Change<(typeof organizationFields)[number]>;

/**
 * Changes an organization's name or slug. What changes nothing writes nothing.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `slug_taken`, `validation_failed` for read-only fields.
 */
export function changeOrganization(
  deps: StoreDeps,
  actor: Actor,
  id: string,
  patch: OrganizationPatch,
  match?: IfMatch,
): Promise<Organization> {
  const wanted = patch.slug === undefined ? patch : { ...patch, slug: normalSlug(patch.slug) };
  return retrying(deps.db, `organization ${id}`, async () => {
    const organization = await readOrganization(deps.db, actor, id);
    requireAccess(organization.role, "manage");
    requireMatch(match, organization);
    refuseReadOnly(organization, wanted, organizationFields);
    const changes = changesOf(organization, wanted, organizationFields);
    if (changes.length === 0) return organization;
    return write(deps, actor, organization, changes, match);
  });
}

async function write(
  { db, now }: StoreDeps,
  actor: Actor,
  organization: Organization,
  changes: readonly OrganizationChange[],
  match: IfMatch | undefined,
): Promise<Organization | undefined> {
  const { id } = organization;
  const time = now().toISOString();
  const values = valuesOf<Organization, OrganizationChange["field"]>(changes);
  const { name, slug } = { ...organization, ...values };
  const changed: Part = {
    // Both, since the event says both.
    guard: sql`exists (select 1 from organizations
      where id = ${id} and name = ${organization.name} and slug = ${organization.slug})`,
    effects: (happened) => [
      updateRows(
        organizations,
        { ...values, version: sql`version + 1`, updated_at: time },
        sql`id = ${id} and ${happened}`,
      ),
    ],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "organization.updated",
      aggregate_id: id,
      organization_id: id,
      time,
      data: { organization_id: id, name, slug },
    },
    [
      organizationExists(id),
      access(actor, "manage", id),
      sameVersion(match, organizations, organization),
      ...(values.slug === undefined ? [] : [slugFree(values.slug, id)]),
      changed,
    ],
    selectOrganization(actor, id),
  );
  return rows?.[0] && shapeOrganization(rows[0]);
}
