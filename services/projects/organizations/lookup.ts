import type { Actor } from "@stoa/auth";
import { raw, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Part, unmet } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";

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
