import type { Actor } from "@stoa/auth";
import { newId, type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, forgetAddresses, type Part, retrying } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { invitationsLapse } from "../invitations/lapse.ts";
import { invitations } from "../invitations/table.ts";
import { endingIdsJson } from "../sessions/end.ts";
import { stillProven } from "../sessions/step-up.ts";
import { forgetAttempts } from "../throttle/lift.ts";
import { checkPassword, samePassword } from "./check-password.ts";
import { keepsASuperuser } from "./last-superuser.ts";
import { readStoredUser, type StoredUser, shapeUser, userExists } from "./read.ts";
import { users } from "./table.ts";

/**
 * Erases the user themselves, who proves with the password that it is them, in a session that has proven the second factor
 * if they have one.
 *
 * @throws StoaError `wrong_password`, `step_up_required`, `last_superuser`, as well as those of `checkPassword`.
 */
export async function eraseOneself(deps: Deps, actor: Actor, password: string): Promise<void> {
  await retrying(deps.db, `erasure ${actor.user_id}`, async () => {
    const user = await checkPassword(deps, actor, password);
    return erase(deps, withoutAddress(actor.cause), user, [samePassword(user), ...stillProven(deps, actor)]);
  });
}

/**
 * Erases a user: for superusers.
 *
 * @throws StoaError `not_found`, `last_superuser`, `version_conflict`.
 */
export async function eraseUser(deps: Deps, actor: Actor, user_id: string, match?: IfMatch): Promise<void> {
  const cause = user_id === actor.user_id ? withoutAddress(actor.cause) : actor.cause;
  await retrying(deps.db, `erasure ${user_id}`, async () => {
    const user = await readStoredUser(deps.db, user_id);
    if (match) requireMatch(match, shapeUser(user));
    return erase(deps, cause, user, [userExists(user_id), sameVersion(match, users, user)]);
  });
}

/** The address and device of an erased user are personal data too. */
function withoutAddress(cause: Cause): Cause {
  return { ...cause, ip_address: null, device_info: null };
}

/**
 * Deletes what is known of a person; their id stays wherever it is used. Sessions, roles, second factors and memberships
 * are deleted with the user's row. Old events lose the names, so the relay rebuilds the stream; the event of the erasure
 * tells the other services to delete what they know. Open invitations that they sent lapse. The same address can register
 * again, and may accept what it was invited to.
 */
async function erase(
  deps: Deps,
  cause: Cause,
  user: StoredUser,
  conditions: readonly Part[],
): Promise<true | undefined> {
  const { id: user_id } = user;
  // As it is then: it may be another than the one that was read.
  const email_key = sql`(select email_key from users where id = ${user_id})`;
  const time = deps.now().toISOString();
  const event = {
    event_id: newId(),
    type: "user.erased",
    aggregate_id: user_id,
    time,
    data: { user_id, session_ids: endingIdsJson({ user_id }) },
  } as const;
  const erased: Part = {
    effects: (happened) => [
      ...redact(user_id, time, event.event_id, happened),
      sql`delete from tickets where user_id = ${user_id} and ${happened}`,
      sql`delete from mails where user_id = ${user_id} and ${happened}`,
      // Invitations mailed to their address before it was known to be theirs. One that is not sent yet stays, since
      // someone else may have the address by then.
      sql`delete from mails where user_id is null and kind = 'invitation' and status <> 'waiting'
        and recipient_key = ${email_key} and ${happened}`,
      ...forgetAttempts(user_id, happened),
      sql`delete from idempotency where user_id = ${user_id} and ${happened}`,
      sql`delete from invitations where email_key = ${email_key} and status <> 'pending' and ${happened}`,
      sql`delete from users where id = ${user_id} and ${happened}`,
    ],
  };
  const rows = await command(
    deps.db,
    cause,
    event,
    [
      ...conditions,
      invitationsLapse(cause, sql`${invitations.invited_by} = ${user_id}`, time),
      erased,
      keepsASuperuser(),
    ],
    whatHappened(event),
  );
  announce(deps, rows ?? []);
  return rows && true;
}

/**
 * Clears names and addresses of mail in what the journal tells of a user, and where they were, address and device, in all that they did or
 * that was asked without a login. The address of a superuser who changed them stays.
 */
function redact(user_id: string, time: string, event_id: string, happened: Sql): readonly Sql[] {
  const theirs = sql`aggregate_id = ${user_id} and event_id <> ${event_id} and ${happened}`;
  return [
    sql`update journal set redacted_at = ${time}, data = json_set(data, '$.username', '', '$.full_name', null)
      where type in ('user.registered', 'user.updated') and ${theirs}`,
    sql`update journal set redacted_at = ${time}, data = json_set(data, '$.email', null)
      where type in ('user.email_verified', 'user.email_known', 'user.email_changed') and ${theirs}`,
    sql`update journal set redacted_at = ${time}, ip_address = null, device_info = null where actor_id is null and ${theirs}`,
    sql`${forgetAddresses(user_id)} and ${happened}`,
  ];
}
