import type { Actor } from "@stoa/auth";
import { newId, sql } from "@stoa/db";
import type { IfMatch } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { UserDeps } from "../deps.ts";
import { invitationsLapse, noLongerBackedBy } from "../invitations/lapse.ts";
import { keepsASuperuser } from "./last-superuser.ts";
import { commandMatching, readUser, userExists } from "./read.ts";
import type { User } from "./schema.ts";

/**
 * Makes a user superuser, or no longer. Tokens that are out follow within a second, and open invitations lapse that only a
 * superuser may send. Repeating it changes nothing.
 *
 * @param wanted undefined turns it round, as a backend did that Stoa replaces
 *
 * @throws StoaError `not_found`, `last_superuser`, `version_conflict`.
 */
export async function setSuperuser(
  deps: UserDeps,
  actor: Pick<Actor, "cause">,
  user_id: string,
  wanted: boolean | undefined,
  match?: IfMatch,
): Promise<User> {
  if (wanted !== undefined) await change(deps, actor, user_id, wanted, match);
  // Somebody else may turn it round meanwhile.
  else {
    await retrying(deps.db, `superuser ${user_id}`, async () => {
      const { is_superuser } = await readUser(deps.db, user_id);
      return change(deps, actor, user_id, !is_superuser, match);
    });
  }
  return readUser(deps.db, user_id);
}

/** Undefined when the user was so already. */
async function change(
  deps: UserDeps,
  actor: Pick<Actor, "cause">,
  user_id: string,
  is_superuser: boolean,
  match: IfMatch | undefined,
): Promise<true | undefined> {
  const time = deps.now().toISOString();
  const event = {
    event_id: newId(),
    type: "user.superuser_changed",
    aggregate_id: user_id,
    time,
    data: { user_id, is_superuser },
  } as const;
  const changed: Part = {
    guard: sql`exists (select 1 from users where id = ${user_id} and is_superuser <> ${is_superuser})`,
    effects: (happened) => [
      sql`update users set is_superuser = ${is_superuser}, version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
    ],
  };
  const rows = await commandMatching(deps.db, match, user_id, (matching) => {
    const lapse = invitationsLapse(actor.cause, noLongerBackedBy(user_id), time);
    const parts = [userExists(user_id), matching, changed, lapse, keepsASuperuser()];
    return command(deps.db, actor.cause, event, parts, whatHappened(event));
  });
  announce(deps, rows ?? []);
  return rows && true;
}
