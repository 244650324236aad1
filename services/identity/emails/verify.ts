import { all, type Sql, sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { readTicket, stillUsable, type UsableTicket, useTickets } from "../tickets/ticket.ts";
import { emailKey } from "../users/names.ts";
import { readStoredUser, type StoredUser, selectUsers, shapeUser } from "../users/read.ts";
import type { User } from "../users/schema.ts";
import { tellOldAddress } from "./changed-mail.ts";

/**
 * Confirms that a user reads a mailbox, by the token that was mailed there: their present address is verified, or
 * the one they asked for takes its place.
 *
 * @throws StoaError `invalid_ticket`; `email_taken` when someone else has the new address meanwhile
 */
export async function verifyEmail(deps: Deps, cause: Cause, token: string): Promise<User> {
  const now = deps.now();
  const ticket = await readTicket(deps.db, token, ["email_verification", "email_change"], now);
  const user = await readStoredUser(deps.db, ticket.user_id);
  const { type, guard, effects } = ticket.purpose === "email_change" ? change(ticket, user) : verification(ticket);
  const time = now.toISOString();
  const event = append(
    cause,
    { type, aggregate_id: user.id, time, data: { user_id: user.id } },
    all([stillUsable(ticket, now), guard]),
  );
  try {
    const { applied, rows } = await commit(
      deps.db,
      event,
      [...effects(time, event.happened), useTickets(ticket, time, event.happened)],
      selectUsers(sql`users.id = ${user.id}`),
    );
    // Used, or the user has another address, since it was read.
    if (!applied) throw new StoaError("invalid_ticket");
    return shapeUser(rows[0] as StoredUser);
  } catch (error) {
    if (violates(error, "users.email_key")) throw new StoaError("email_taken", { cause: error });
    throw error;
  }
}

/** What the ticket's own event is, its guard, and what follows. */
interface Confirmation {
  readonly type: "user.email_verified" | "user.email_changed";
  readonly guard: Sql;
  readonly effects: (time: string, happened: Sql) => readonly Sql[];
}

function verification({ user_id, email }: UsableTicket): Confirmation {
  return {
    type: "user.email_verified",
    guard: sql`exists (select 1 from users where id = ${user_id} and email = ${email} and is_active = 1)`,
    effects: (time, happened) => [
      sql`update users set email_verified = 1, version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
    ],
  };
}

function change({ user_id, email }: UsableTicket, user: StoredUser): Confirmation {
  return {
    type: "user.email_changed",
    guard: sql`exists (select 1 from users where id = ${user_id} and email is ${user.email}
      and pending_email = ${email} and is_active = 1)`,
    effects: (time, happened) => [
      sql`update users set email = ${email}, email_key = ${emailKey(email)}, email_verified = 1, pending_email = null,
          version = version + 1, updated_at = ${time}
        where id = ${user_id} and ${happened}`,
      ...tellOldAddress(user, time, happened),
    ],
  };
}
