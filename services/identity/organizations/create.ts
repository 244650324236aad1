import type { Actor } from "@stoa/auth";
import { insertRow, newId, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, type Claim, commit } from "@stoa/journal";
import type { Static } from "elysia";
import type { Deps } from "../deps.ts";
import type { NewOrganization, Organization } from "./schema.ts";
import { normalSlug, slugsFor } from "./slug.ts";
import { organizationMembers, organizations } from "./table.ts";

/**
 * Makes an organization; its maker is its owner.
 *
 * @throws StoaError `slug_taken`
 */
export async function createOrganization(
  deps: Deps,
  actor: Actor,
  { name, slug }: Static<typeof NewOrganization>,
  claim: Claim | null,
): Promise<Organization> {
  for (const candidate of slug === undefined ? slugsFor(name) : [normalSlug(slug)]) {
    const organization = await insert(deps, actor, name, candidate, claim);
    if (organization) return organization;
  }
  throw new StoaError("slug_taken");
}

/** Undefined when the slug is taken. */
async function insert(
  { db, now }: Deps,
  actor: Actor,
  name: string,
  slug: string,
  claim: Claim | null,
): Promise<Organization | undefined> {
  const id = newId();
  const time = now().toISOString();
  const data = { organization_id: id, name, slug, owner_id: actor.user_id };
  const event = append(
    actor.cause,
    { type: "organization.created", aggregate_id: id, organization_id: id, time, data },
    claim?.guard,
  );
  const row = { id, name, slug, version: 1, created_at: time, updated_at: time };
  const owner = { organization_id: id, user_id: actor.user_id, role: "owner", joined_at: time } as const;
  try {
    const { applied } = await commit(db, event, [
      insertRow(organizations, row, event.happened),
      insertRow(organizationMembers, owner, event.happened),
      ...(claim ? [claim.record(id, event.happened)] : []),
    ]);
    // Another request with the same key was faster: the caller looks up what it made.
    if (!applied) throw new StoaError("slug_taken");
  } catch (error) {
    if (violates(error, "organizations.slug")) return undefined;
    throw error;
  }
  return { ...row, role: "owner", member_count: 1 };
}
