import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { PeopleDeps } from "../deps.ts";

/** The asker may have projects in this organization: its members may, and superusers. A guard of commands. */
export function mayUseOrganization(actor: Actor, organization_id: string): Sql {
  return actor.is_superuser
    ? sql`exists (select 1 from organizations where organization_id = ${organization_id})`
    : sql`exists (select 1 from organization_members
        where organization_id = ${organization_id} and user_id = ${actor.user_id})`;
}

/**
 * Waits a moment for an organization that was made just now.
 *
 * @throws StoaError `validation_failed` when there is none, or the asker is not a member
 */
export async function requireOrganization(deps: PeopleDeps, actor: Actor, organization_id: string): Promise<void> {
  const may = async () => {
    const [row] = await deps.db.query<{ may: number }>(
      sql`select ${mayUseOrganization(actor, organization_id)} as may`,
    );
    return row?.may === 1;
  };
  if (await deps.readYourWrites.waitFor(may, organization_id)) return;
  throw new StoaError("validation_failed", {
    errors: [{ path: "/organization_id", message: "There is no such organization, or you are not a member." }],
  });
}
