import type { Actor } from "@stoa/auth";
import { all, sql, updateRows, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { changesOf, type RequestHeaders, refuseReadOnly, requireMatch, valuesOf } from "@stoa/http";
import { append, commit, retrying } from "@stoa/journal";
import type { Static } from "elysia";
import { hasRole, managers, requireRole } from "../access.ts";
import type { Deps } from "../deps.ts";
import { type OrganizationRow, readOrganization, selectOrganization, shapeOrganization } from "./read.ts";
import type { Organization, OrganizationPatch } from "./schema.ts";
import { normalSlug } from "./slug.ts";
import { organizations } from "./table.ts";

const editable = ["name", "slug"] as const;

/**
 * Changes an organization's name or slug. What changes nothing writes nothing.
 *
 * @param headers of the request: `If-Match` is heeded
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `slug_taken`, `validation_failed` for read-only fields
 */
export async function changeOrganization(
  deps: Deps,
  actor: Actor,
  id: string,
  patch: Static<typeof OrganizationPatch>,
  headers: RequestHeaders,
): Promise<Organization> {
  const wanted = patch.slug === undefined ? patch : { ...patch, slug: normalSlug(patch.slug) };
  return retrying(async () => {
    const organization = await readOrganization(deps.db, actor, id);
    requireRole(organization.role, managers);
    requireMatch(headers, organization);
    refuseReadOnly(organization, wanted, editable);
    const changes = changesOf(organization, wanted, editable);
    if (changes.length === 0) return organization;
    return write(deps, actor, organization, valuesOf<Organization, (typeof editable)[number]>(changes));
  });
}

/** Undefined when the organization, or the asker's role in it, changed since they were read. */
async function write({ db, now }: Deps, actor: Actor, organization: Organization, values: Partial<Organization>) {
  const { id, name, slug, version } = { ...organization, ...values };
  const time = now().toISOString();
  const event = append(
    actor.cause,
    {
      type: "organization.updated",
      aggregate_id: id,
      organization_id: id,
      time,
      data: { organization_id: id, name, slug },
    },
    all([
      sql`exists (select 1 from organizations where id = ${id} and version = ${version})`,
      hasRole(actor, id, managers),
    ]),
  );
  const set = { ...values, version: version + 1, updated_at: time };
  const update = updateRows(organizations, set, sql`id = ${id} and ${event.happened}`);
  try {
    const { applied, rows } = await commit<OrganizationRow>(db, event, [update], selectOrganization(actor, id));
    return applied ? shapeOrganization(actor, rows[0]) : undefined;
  } catch (error) {
    if (violates(error, "organizations.slug")) throw new StoaError("slug_taken", { cause: error });
    throw error;
  }
}
