import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Part, unmet } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";

/** The part of a command that its user may have projects in an organization: its members may, and superusers. */
export function inOrganization(actor: Actor, organization_id: string) {
  return {
    guard: actor.is_superuser
      ? sql`exists (select 1 from organizations where organization_id = ${organization_id})`
      : sql`exists (select 1 from organization_members
          where organization_id = ${organization_id} and user_id = ${actor.user_id})`,
    why: () => {
      const message = "There is no such organization, or you are not a member.";
      return new StoaError("validation_failed", { errors: [{ path: "/organization_id", message }] });
    },
  } satisfies Part;
}

/**
 * Waits a moment for an organization that was made just now, or was joined just now.
 *
 * @throws StoaError `validation_failed` when there is none, or the user is not a member
 */
export async function awaitOrganization(deps: PeopleDeps, actor: Actor, organization_id: string): Promise<void> {
  const part = inOrganization(actor, organization_id);
  const holds = async () => (await unmet(deps.db, [part])) === undefined;
  if (!(await deps.readYourWrites.waitFor(holds, organization_id))) throw part.why();
}
