import { all, newId, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { mailTicket, mayMail } from "../tickets/mail-ticket.ts";
import { issueTicket } from "../tickets/ticket.ts";
import { emailKey } from "../users/names.ts";

interface Found {
  readonly id: string;
  readonly username: string;
  readonly email: string;
}

/**
 * Mails a ticket for a new password to whoever has this address, five times an hour at most. Whether anyone has shows
 * neither in the answer nor in the work: the same query and the same statements, of which one writes a ticket either
 * way. Users who were shut out, and those whose passwords are kept elsewhere, get none.
 */
export async function forgotPassword(deps: Deps, cause: Cause, typed: string): Promise<void> {
  const now = deps.now();
  const [user] = await deps.db.query<Found>(sql`select id, username, email from users
    where email_key = ${emailKey(typed)}`);
  const { id, username, email } = user ?? { id: newId(), username: "nobody", email: typed };
  const event = append(
    cause,
    { type: "user.password_reset_requested", aggregate_id: id, time: now.toISOString(), data: { user_id: id } },
    all([
      sql`exists (select 1 from users where id = ${id} and email = ${email} and is_active = 1)`,
      sql`not exists (select 1 from external_identities where user_id = ${id})`,
      mayMail("password_reset", id, now),
    ]),
  );
  const nothing = { purpose: "nothing", user_id: null, email: "" } as const;
  await commit(deps.db, event, [
    ...mailTicket(deps, "password_reset", { user_id: id, username, email }, now, event.happened),
    issueTicket(nothing, now, sql`not ${event.happened}`).statement,
  ]);
}
