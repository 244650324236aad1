import type { Actor } from "@stoa/auth";
import { insertRow, newId, sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, type Claim, commit } from "@stoa/journal";
import type { Static } from "elysia";
import type { Deps } from "../deps.ts";
import type { NewRole, Role } from "./schema.ts";
import { roles } from "./table.ts";

/**
 * Adds a role.
 *
 * @throws StoaError `role_taken`
 */
export async function createRole(
  deps: Deps,
  actor: Actor,
  input: Static<typeof NewRole>,
  claim: Claim | null,
): Promise<Role> {
  const time = deps.now().toISOString();
  const role: Role = { id: newId(), name: input.name, description: input.description ?? null, created_at: time };
  const data = { role_id: role.id, name: role.name };
  const event = append(
    actor.cause,
    { type: "role.created", aggregate_id: role.id, time, data },
    claim?.guard ?? sql`1`,
  );
  const used = claim ? [claim.record(role.id, event.happened)] : [];
  try {
    const { applied } = await commit(deps.db, event, [insertRow(roles, role, event.happened), ...used]);
    if (!applied) throw new StoaError("role_taken");
    return role;
  } catch (error) {
    if (violates(error, "roles.name")) throw new StoaError("role_taken", { cause: error });
    throw error;
  }
}

/** @throws StoaError `not_found` */
export async function readRole({ db }: Pick<Deps, "db">, role_id: string): Promise<Role> {
  const [role] = await db.query<Role>(sql`select * from roles where id = ${role_id}`);
  if (!role) throw new StoaError("not_found");
  return role;
}
