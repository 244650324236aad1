import type { Actor } from "@stoa/auth";
import { select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { command, type Part, retrying } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { noSuchRole, readRole } from "./read.ts";
import type { Role } from "./schema.ts";
import { takeRole } from "./set.ts";
import { userRoles } from "./table.ts";

const USERS_AT_ONCE = 50;

/**
 * Deletes a role. It leaves its users first, each with an event of their own, so that tokens and the audit trail
 * follow; then it is deleted, unless someone was given it in between.
 *
 * @throws StoaError `not_found`.
 */
export async function deleteRole(deps: Deps, actor: Actor, role_id: string): Promise<void> {
  const { db, now } = deps;
  await retrying(db, `role ${role_id}`, async () => {
    const role = await readRole(db, role_id);
    await takeFromAll(deps, actor, role);
    const exists: Part = { guard: sql`exists (select 1 from roles where id = ${role_id})`, why: noSuchRole };
    const deleted: Part = {
      guard: sql`not exists (select 1 from user_roles where role_id = ${role_id})`,
      effects: (happened) => [sql`delete from roles where id = ${role_id} and ${happened}`],
    };
    const time = now().toISOString();
    const event = { type: "role.deleted", aggregate_id: role_id, time, data: { role_id, name: role.name } } as const;
    return command(db, actor.cause, event, [exists, deleted]);
  });
}

/** Whoever was erased meanwhile has no roles any more. */
function unlessErased(error: unknown): void {
  if (!(error instanceof StoaError && error.code === "not_found")) throw error;
}

async function takeFromAll(deps: Deps, actor: Actor, { id, name }: Role): Promise<void> {
  const holders = select(
    { user_id: userRoles.user_id },
    sql`from ${userRoles} where role_id = ${id} limit ${USERS_AT_ONCE}`,
  );
  for (;;) {
    const some = await deps.db.query(holders);
    if (some.length === 0) return;
    for (const { user_id } of some) await takeRole(deps, actor, user_id, name).catch(unlessErased);
  }
}
