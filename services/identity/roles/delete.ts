import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { append, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { readUser } from "../users/read.ts";
import { readRole } from "./create.ts";
import { setRoles } from "./set.ts";

const USERS_AT_ONCE = 50;

/**
 * Deletes a role. It leaves its users first, each with an event of their own, so that tokens and the audit trail
 * follow; then it goes, unless someone got it meanwhile.
 *
 * @throws StoaError `not_found`
 */
export async function deleteRole(deps: Deps, actor: Actor, role_id: string): Promise<void> {
  const role = await readRole(deps, role_id);
  for (;;) {
    const holders = await deps.db.query<{ user_id: string }>(
      sql`select user_id from user_roles where role_id = ${role_id} limit ${USERS_AT_ONCE}`,
    );
    for (const { user_id } of holders) {
      const { roles } = await readUser(deps.db, user_id);
      const others = roles.filter((name) => name !== role.name);
      await setRoles(deps, actor, user_id, others);
    }
    if (holders.length === 0 && (await remove(deps, actor, role_id, role.name))) return;
  }
}

/** False when someone has the role. */
async function remove(deps: Deps, actor: Actor, role_id: string, name: string): Promise<boolean> {
  const time = deps.now().toISOString();
  const event = append(
    actor.cause,
    { type: "role.deleted", aggregate_id: role_id, time, data: { role_id, name } },
    sql`exists (select 1 from roles where id = ${role_id})
      and not exists (select 1 from user_roles where role_id = ${role_id})`,
  );
  const gone = sql`delete from roles where id = ${role_id} and ${event.happened}`;
  const left = sql`select 1 from roles where id = ${role_id}`;
  const { rows } = await commit(deps.db, event, [gone], left);
  return rows.length === 0;
}
