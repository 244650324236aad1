import type { Actor } from "@stoa/auth";
import { insertRow, newId, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, type Part } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import type { NewRole, Role } from "./schema.ts";
import { roles } from "./table.ts";

/**
 * Adds a role.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `role_taken`.
 */
export async function createRole(
  { db, now }: StoreDeps,
  actor: Pick<Actor, "cause">,
  { name, description = null }: NewRole,
  claim: Claim,
): Promise<Role | undefined> {
  const time = now().toISOString();
  const role = { id: newId(), name, description, created_at: time };
  const created: Part = {
    guard: sql`not exists (select 1 from roles where name = ${name})`,
    why: () => new StoaError("role_taken"),
    effects: (happened) => [insertRow(roles, role, happened)],
  };
  const event = { type: "role.created", aggregate_id: role.id, time, data: { role_id: role.id, name } } as const;
  const rows = await command(db, actor.cause, event, [claim(role.id), created]);
  return rows && role;
}
