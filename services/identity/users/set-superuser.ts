import type { Actor } from "@stoa/auth";
import { sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { aSuperuserStays } from "./last-superuser.ts";
import { readUser } from "./read.ts";
import type { User } from "./schema.ts";

/**
 * Makes a user superuser, or no longer. Tokens that are out follow within a second. Again changes nothing.
 *
 * @throws StoaError `not_found`, `last_superuser`
 */
export async function setSuperuser(deps: Deps, actor: Actor, user_id: string, is_superuser: boolean): Promise<User> {
  const time = deps.now().toISOString();
  const event = append(
    actor.cause,
    { type: "user.superuser_changed", aggregate_id: user_id, time, data: { user_id, is_superuser } },
    sql`exists (select 1 from users where id = ${user_id} and is_superuser <> ${is_superuser ? 1 : 0})`,
  );
  const change = sql`update users set is_superuser = ${is_superuser ? 1 : 0}, version = version + 1, updated_at = ${time}
    where id = ${user_id} and ${event.happened}`;
  try {
    const { rows } = await commit(deps.db, event, [change, aSuperuserStays(event.happened)], whatHappened(event));
    announce(deps, rows);
  } catch (error) {
    if (violates(error, "last_superuser")) throw new StoaError("last_superuser", { cause: error });
    throw error;
  }
  return readUser(deps.db, user_id);
}
