import { newId, type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { command, type Part, retrying } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import { whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { announceEnded, endsSessions } from "../sessions/end.ts";
import { hasMailbox, invalidTicket, readTicket, type UsableTicket, used } from "../tickets/ticket.ts";
import { emailFree, emailTaken } from "../users/names.ts";
import { type StoredUser, selectUser, shapeUser } from "../users/read.ts";
import type { User } from "../users/schema.ts";
import { tellOldAddress } from "./changed-mail.ts";

/**
 * Confirms that a user reads a mailbox, by the token that was mailed there: their present address is verified, or
 * the one they asked for takes its place. Then their sessions end, except the one that asked for it.
 *
 * @throws StoaError `invalid_ticket`; `email_taken` when another user has taken the new address meanwhile, or may have it back
 */
export function verifyEmail(deps: Deps, cause: Cause, token: string): Promise<User> {
  return retrying(deps.db, `ticket ${token}`, async () => {
    const now = deps.now();
    const { ticket, user } = await readTicket(deps.db, token, ["email_verification", "email_change"], now);
    const time = now.toISOString();
    const changes = ticket.purpose === "email_change";
    const ending = { user_id: user.id, reason: "email_changed", which: others(ticket) } as const;
    const revoked = { event_id: newId() };
    const confirmed = changes
      ? [
          emailFree(ticket.email, now, user.id),
          changed(ticket, user, time),
          endsSessions(cause, ending, time, revoked.event_id),
        ]
      : [hasMailbox(ticket), verified(user.id, time)];
    const rows = await command(
      deps.db,
      cause,
      {
        type: changes ? "user.email_changed" : "user.email_verified",
        aggregate_id: user.id,
        time,
        data: { user_id: user.id, email: ticket.email },
      },
      [...confirmed, used(ticket, now)],
      selectUser(user.id),
    );
    if (!rows?.[0]) return undefined;
    if (changes) await announceEnded(deps, cause, ending, await deps.db.query(whatHappened(revoked)));
    return shapeUser(rows[0]);
  });
}

/** Every session but the one that asked for the address. */
function others({ session_id }: UsableTicket): Sql {
  return sql`id is not ${session_id}`;
}

function verified(user_id: string, time: string): Part {
  return {
    effects: (happened) => [
      sql`update users set email_verified = 1, version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
    ],
  };
}

/** The part that the address is still the one that waits, and takes the place of the one that was read. */
function changed({ user_id, email }: UsableTicket, user: StoredUser, time: string): Part {
  return {
    guard: sql`exists (select 1 from users where id = ${user_id} and email is ${user.email}
      and pending_email = ${email} and is_active = 1)`,
    why: invalidTicket,
    effects: (happened) => [
      sql`update users set email = ${email}, email_key = ${emailKey(email)}, email_verified = 1, pending_email = null,
          version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
      ...tellOldAddress(user, time, happened),
    ],
    constraints: { "users.email_key": emailTaken },
  };
}
