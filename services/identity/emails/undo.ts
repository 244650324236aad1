import { newId, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { command, type Part, retrying } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import { whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { announceEnded, endsSessions } from "../sessions/end.ts";
import { invalidTicket, readTicket, type UsableTicket, usable, withdrawnChange } from "../tickets/ticket.ts";
import { readUser, type StoredUser } from "../users/read.ts";
import type { User } from "../users/schema.ts";

/**
 * Undoes a change of a user's e-mail, by the token that was mailed to the address which it replaces. An address that still
 * waits is taken back. One that has taken the place already goes, the earlier one comes back as it was, verified or not, and
 * every session ends, because the one who changed it was in one.
 *
 * @throws StoaError `invalid_ticket`; `email_taken` when another user has got the earlier address by now.
 */
export async function undoEmailChange(deps: Deps, cause: Cause, token: string): Promise<User> {
  const user_id = await retrying(deps.db, `ticket ${token}`, async () => {
    const { ticket, user } = await readTicket(deps.db, token, ["email_undo"], deps.now());
    const changed = user.email !== ticket.email;
    const done = await (changed ? restore(deps, cause, ticket, user) : withdraw(deps, cause, ticket));
    return done && user.id;
  });
  return readUser(deps.db, user_id);
}

/** The address has not been replaced yet. */
async function withdraw(deps: Deps, cause: Cause, ticket: UsableTicket): Promise<true | undefined> {
  const { user_id, email } = ticket;
  const now = deps.now();
  const time = now.toISOString();
  const withdrawn: Part = {
    guard: sql`exists (select 1 from users where id = ${user_id} and email = ${email})`,
    effects: (happened) => [
      ...withdrawnChange(user_id, happened),
      sql`update users set pending_email = null, version = version + 1, updated_at = ${time}
        where id = ${user_id} and pending_email is not null and ${happened}`,
    ],
  };
  const event = { type: "user.email_change_withdrawn", aggregate_id: user_id, time, data: { user_id } } as const;
  const rows = await command(deps.db, cause, event, [usable(ticket, now), ofActive(ticket), withdrawn]);
  return rows && true;
}

/** The address was replaced by the one that was read. */
async function restore(deps: Deps, cause: Cause, ticket: UsableTicket, user: StoredUser): Promise<true | undefined> {
  const { user_id, email, was_verified, created_at } = ticket;
  const now = deps.now();
  const time = now.toISOString();
  const ending = { user_id, reason: "email_changed" } as const;
  const revoked = { event_id: newId() };
  const restored: Part = {
    guard: sql`exists (select 1 from users where id = ${user_id} and email is ${user.email})`,
    effects: (happened) => [
      sql`update users set email = ${email}, email_key = ${emailKey(email)}, email_verified = ${was_verified ?? 0},
          pending_email = null, version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
      // What was mailed to the address that goes is worth nothing. Tokens to still earlier addresses stay good.
      sql`delete from tickets where user_id = ${user_id} and ${happened}
        and (purpose <> 'email_undo' or created_at >= ${created_at})`,
      sql`delete from mails where user_id = ${user_id} and status = 'waiting' and ${happened}
        and kind in ('email_verification', 'email_change', 'password_reset', 'email_change_requested')`,
    ],
    constraints: { "users.email_key": (error) => new StoaError("email_taken", { cause: error }) },
  };
  const data = { user_id, email: was_verified ? email : null };
  const event = { type: "user.email_changed", aggregate_id: user_id, time, data } as const;
  const sessions = endsSessions(cause, ending, time, revoked.event_id);
  const parts = [usable(ticket, now), ofActive(ticket), restored, sessions];
  const rows = await command(deps.db, cause, event, parts, whatHappened(revoked));
  if (rows) await announceEnded(deps, cause, ending, rows);
  return rows && true;
}

/** A disabled user changes nothing, nor does their mailbox. */
function ofActive({ user_id }: UsableTicket): Part {
  return {
    guard: sql`exists (select 1 from users where id = ${user_id} and is_active = 1)`,
    why: invalidTicket,
  };
}
