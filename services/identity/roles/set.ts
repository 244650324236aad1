import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { readUser } from "../users/read.ts";
import type { User } from "../users/schema.ts";
import { giveRoles, requireRoles, rolesExist } from "./known.ts";

/** Tries of a write whose user changed since they were read. */
const TRIES = 5;

/**
 * Gives a user exactly these roles. Tokens that are out follow within a second. The same roles again change nothing.
 *
 * @throws StoaError `not_found`, `unknown_role`
 */
export async function setRoles(deps: Deps, actor: Actor, user_id: string, names: readonly string[]): Promise<User> {
  const wanted = [...new Set(names)].sort();
  for (let tries = 0; tries < TRIES; tries++) {
    const user = await readUser(deps.db, user_id);
    if (user.roles.join("\n") === wanted.join("\n")) return user;
    await requireRoles(deps, names);
    if (await write(deps, actor, user, wanted)) return readUser(deps.db, user_id);
  }
  throw new StoaError("unavailable", { headers: { "retry-after": "1" } });
}

/** False when the user, or one of the roles, changed since they were read. */
async function write(deps: Deps, actor: Actor, user: User, wanted: readonly string[]): Promise<boolean> {
  const time = deps.now().toISOString();
  const event = append(
    actor.cause,
    {
      type: "user.roles_changed",
      aggregate_id: user.id,
      time,
      data: { user_id: user.id, from: user.roles, to: [...wanted] },
    },
    sql`exists (select 1 from users where id = ${user.id} and version = ${user.version}) and ${rolesExist(wanted)}`,
  );
  const { applied, rows } = await commit(
    deps.db,
    event,
    [
      sql`delete from user_roles where user_id = ${user.id} and ${event.happened}`,
      giveRoles(user.id, wanted, event.happened),
      sql`update users set version = version + 1, updated_at = ${time} where id = ${user.id} and ${event.happened}`,
    ],
    whatHappened(event),
  );
  announce(deps, rows);
  return applied;
}
