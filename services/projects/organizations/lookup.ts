import type { Actor } from "@stoa/auth";
import { type Database, listed, raw, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Part, unmet } from "@stoa/journal";
import { owning } from "../access.ts";
import type { PeopleDeps } from "../deps.ts";

/**
 * The part of a command that its user may take a project out of its organization: owners and admins of that may, and
 * superusers. Nobody decides for an organization that was deleted, so the project's owners may then; but while the
 * projections of organizations are being built anew, one that is not there yet does not count as deleted.
 *
 * @param organization_id where the project is; null for one that is in none
 */
export function mayRelease(actor: Actor, organization_id: string | null): Part {
  if (organization_id === null || actor.is_superuser) return {};
  return {
    guard: sql`exists (select 1 from organization_members where organization_id = ${organization_id}
        and user_id = ${actor.user_id} and role in ${listed(owning)})
      or (not exists (select 1 from organizations where organization_id = ${organization_id})
        and not exists (select 1 from cursors where source = 'identity' and seq < reacted))`,
    why: () =>
      new StoaError("forbidden", { detail: "Owners and admins of its organization take a project out of it." }),
  };
}

/** @throws StoaError `forbidden` unless the user may take a project out of this organization; see {@link mayRelease} */
export async function requireRelease(db: Database, actor: Actor, organization_id: string | null): Promise<void> {
  const reason = (await unmet(db, [mayRelease(actor, organization_id)]))?.why();
  if (reason) throw reason;
}

/** The parts of a command that its user may have projects in an organization: its members may, and superusers. */
export function inOrganization(actor: Actor, organization_id: string) {
  const exists = {
    guard: sql`exists (select 1 from organizations where organization_id = ${organization_id})`,
    why: () => {
      const errors = [{ path: "/organization_id", message: "There is no such organization." }];
      return new StoaError("validation_failed", { errors });
    },
  } satisfies Part;
  const isMember = {
    guard: actor.is_superuser
      ? raw("1")
      : sql`exists (select 1 from organization_members
          where organization_id = ${organization_id} and user_id = ${actor.user_id})`,
    why: () => new StoaError("forbidden", { detail: "You are not a member of this organization." }),
  } satisfies Part;
  return [exists, isMember] as const;
}

/**
 * Waits a moment for an organization that was made just now, or was joined just now.
 *
 * @throws StoaError `validation_failed` when there is none, `forbidden` when the user is not a member
 */
export async function awaitOrganization(deps: PeopleDeps, actor: Actor, organization_id: string): Promise<void> {
  const parts = inOrganization(actor, organization_id);
  const holds = async () => (await unmet(deps.db, parts)) === undefined;
  if (await deps.readYourWrites.waitFor(holds, organization_id)) return;
  const reason = (await unmet(deps.db, parts))?.why();
  if (reason) throw reason;
}
