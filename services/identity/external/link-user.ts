import { newId, sql, updateRows } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import { whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import type { FirstStepPart } from "../mfa/challenge.ts";
import { announceEnded, endsSessions } from "../sessions/end.ts";
import { refusedAsDisabled } from "../sessions/finish-login.ts";
import { withdrawTickets } from "../tickets/ticket.ts";
import type { StoredUser } from "../users/read.ts";
import { users } from "../users/table.ts";
import { becomesUser, isUnlinked, type PersonThere } from "./identity.ts";
import { linkedMail } from "./linked-mail.ts";

/**
 * Links a local user who verified the same address as the directory did, and who has no second factor.
 *
 * @returns their id; undefined when something changed meanwhile
 * @throws StoaError `account_disabled`.
 */
export async function linkUser(
  deps: Deps,
  cause: Cause,
  person: PersonThere,
  user: StoredUser,
): Promise<string | undefined> {
  const { id, is_active } = user;
  if (is_active !== 1) throw await refusedAsDisabled(deps, cause, { id });
  const time = deps.now().toISOString();
  const theirs = { ...cause, actor_id: id };
  const revoked = { event_id: newId() };
  const rows = await command(
    deps.db,
    theirs,
    linkedEvent(person, id, time),
    [
      // A link to somebody with a second factor waits for it: see `PendingLink`.
      { guard: sql`exists (select 1 from users where id = ${id} and mfa_enabled = 0)` },
      ...becomesLinked(theirs, person, user, time, revoked.event_id),
    ],
    whatHappened(revoked),
  );
  if (!rows) return undefined;
  await announceEnded(deps, theirs, { user_id: id, reason: "linked" }, rows);
  return id;
}

/** The event that says so. */
export function linkedEvent({ origin }: PersonThere, user_id: string, time: string) {
  return { type: "user.external_linked", aggregate_id: user_id, time, data: { user_id, origin } } as const;
}

/**
 * The parts of a command that links a local user to a person. Every session that is there ends, their password here is
 * removed, what was mailed for it is withdrawn, and a mail says so: the address may have been verified by a click on a mail that
 * somebody else's registration sent.
 *
 * @param revoked_id the id of the event that says which sessions ended
 */
export function becomesLinked(
  theirs: Cause,
  person: PersonThere,
  { id, username, email, email_key }: Pick<StoredUser, "id" | "username" | "email" | "email_key">,
  time: string,
  revoked_id: string,
): Part[] {
  const separated: Part = {
    effects: (happened) => [
      updateRows(
        users,
        { password_hash: null, password_changed_at: time, password_short: false },
        sql`id = ${id} and password_hash is not null and ${happened}`,
      ),
      ...withdrawTickets(id, happened),
      ...(email === null ? [] : [linkedMail({ user_id: id, username, email }, time, happened)]),
    ],
  };
  return [
    mayBecomeLinked(person, { id, email_key }),
    becomesUser(person, id, time),
    separated,
    endsSessions(theirs, { user_id: id, reason: "linked" }, time, revoked_id),
  ];
}

/** The condition that a local user may be linked: they verified the address, and are nobody else of that directory. */
export function mayBecomeLinked(
  { origin }: PersonThere,
  { id, email_key }: Pick<StoredUser, "id" | "email_key">,
): FirstStepPart {
  return {
    guard: sql`exists (select 1 from users where id = ${id} and email_key = ${email_key} and email_verified = 1
      and is_active = 1 and ${isUnlinked(origin)})`,
  };
}
