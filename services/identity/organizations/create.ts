import type { Actor } from "@stoa/auth";
import { insertRow, newId, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, type Part } from "@stoa/journal";
import { candidates } from "../candidates.ts";
import type { StoreDeps } from "../deps.ts";
import { shapeOrganization } from "./read.ts";
import { selectOrganization } from "./row.ts";
import type { NewOrganization, Organization } from "./schema.ts";
import { normalSlug, slugFree, slugsFor } from "./slug.ts";
import { organizationMembers, organizations } from "./table.ts";

/**
 * Makes an organization; its maker is its owner.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `slug_taken`.
 */
export async function createOrganization(
  deps: StoreDeps,
  actor: Actor,
  { name, slug }: NewOrganization,
  claim: Claim,
): Promise<Organization | undefined> {
  const id = newId();
  const slugs = slug === undefined ? slugsFor(name) : [normalSlug(slug)];
  for (const [candidate, isFree] of candidates(slugs, (one) => slugFree(one, id))) {
    const made = await insertOrganization(deps, actor, { id, name, slug: candidate }, [claim(id), isFree]);
    if (made) return made;
  }
  return undefined;
}

async function insertOrganization(
  { db, now }: StoreDeps,
  actor: Actor,
  { id, name, slug }: Pick<Organization, "id" | "name" | "slug">,
  parts: readonly Part[],
): Promise<Organization | undefined> {
  const time = now().toISOString();
  const { user_id } = actor;
  const created: Part = {
    effects: (happened) => [
      insertRow(organizations, { id, name, slug, version: 1, created_at: time, updated_at: time }, happened),
      insertRow(organizationMembers, { organization_id: id, user_id, role: "owner", joined_at: time }, happened),
    ],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "organization.created",
      aggregate_id: id,
      organization_id: id,
      time,
      data: { organization_id: id, name, slug, owner_id: user_id },
    },
    [makerExists(user_id), ...parts, created],
    selectOrganization(actor, id),
  );
  return rows?.[0] && shapeOrganization(rows[0]);
}

/** The part that the user was not erased meanwhile. */
function makerExists(user_id: string): Part {
  return {
    guard: sql`exists (select 1 from users where id = ${user_id})`,
    why: () => new StoaError("session_revoked"),
  };
}
