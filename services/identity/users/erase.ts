import type { Actor } from "@stoa/auth";
import { all, type Sql, sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { append, commit, forgetAddresses } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { endingIdsJson } from "../sessions/end.ts";
import { forgetAttempts } from "../throttle/lift.ts";
import { checkPassword } from "./check-password.ts";
import { aSuperuserStays } from "./last-superuser.ts";
import { readStoredUser, type StoredUser } from "./read.ts";

/**
 * Erases the asker, who proves once more that it is them.
 *
 * @throws StoaError `wrong_password`, `last_superuser`
 */
export async function eraseOneself(deps: Deps, actor: Actor, password: string): Promise<void> {
  const user = await checkPassword(deps, actor, password);
  const same = sql`exists (select 1 from users where id = ${user.id} and password_hash is ${user.password_hash})`;
  // Where an erased user was is theirs too.
  const cause = { ...actor.cause, ip_address: null, device_info: null };
  // Changed meanwhile, by another request: what was given as the password is not that any more.
  if (!(await erase(deps, cause, user, same))) throw new StoaError("wrong_password");
}

/**
 * Erases a user: for superusers.
 *
 * @throws StoaError `not_found`, `last_superuser`
 */
export async function eraseUser(deps: Deps, actor: Actor, user_id: string): Promise<void> {
  const user = await readStoredUser(deps.db, user_id);
  const own = user_id === actor.user_id ? { ip_address: null, device_info: null } : {};
  const there = sql`exists (select 1 from users where id = ${user_id})`;
  if (!(await erase(deps, { ...actor.cause, ...own }, user, there))) throw new StoaError("not_found");
}

/**
 * What is known of a person goes; their id stays wherever it stands. Sessions, roles, second factors and memberships
 * go with the user's row. Old events lose the names, so the relay makes the stream anew; the event that is left tells
 * the other services to drop what they know. Nothing stands in the way of someone new with the same address.
 */
async function erase(deps: Deps, cause: Cause, user: StoredUser, guard: Sql): Promise<boolean> {
  const { id: user_id } = user;
  const time = deps.now().toISOString();
  const session_ids = endingIdsJson({ user_id });
  const event = append(
    cause,
    { type: "user.erased", aggregate_id: user_id, time, data: { user_id, session_ids } },
    all([guard]),
  );
  const { happened } = event;
  try {
    const { applied, rows } = await commit(
      deps.db,
      event,
      [
        ...redact(user_id, time, event.event_id, happened),
        sql`delete from tickets where user_id = ${user_id} and ${happened}`,
        sql`delete from mails where user_id = ${user_id} and ${happened}`,
        // Invitations to their address of before it was known to be theirs; one that waits is for whoever has it then.
        sql`delete from mails where user_id is null and kind = 'invitation' and status <> 'waiting'
          and lower(recipient) = ${user.email_key} and ${happened}`,
        ...forgetAttempts(user_id, happened),
        sql`delete from idempotency where user_id = ${user_id} and ${happened}`,
        sql`delete from invitations where email_key = ${user.email_key} and status <> 'pending' and ${happened}`,
        sql`delete from users where id = ${user_id} and ${happened}`,
        aSuperuserStays(happened),
      ],
      whatHappened(event),
    );
    announce(deps, rows);
    return applied;
  } catch (error) {
    if (violates(error, "last_superuser")) throw new StoaError("last_superuser", { cause: error });
    throw error;
  }
}

/**
 * Clears names in what the journal tells of a user, and where they were, address and device, in all that they did or
 * that was asked without a login. Where a superuser was who changed them stays.
 */
function redact(user_id: string, time: string, event_id: string, happened: Sql): readonly Sql[] {
  const theirs = sql`aggregate_id = ${user_id} and event_id <> ${event_id} and ${happened}`;
  return [
    sql`update journal set redacted_at = ${time}, data = json_set(data, '$.username', '', '$.full_name', null)
      where type in ('user.registered', 'user.updated') and ${theirs}`,
    sql`update journal set redacted_at = ${time}, ip_address = null, device_info = null where actor_id is null and ${theirs}`,
    sql`${forgetAddresses(user_id)} and ${happened}`,
  ];
}
