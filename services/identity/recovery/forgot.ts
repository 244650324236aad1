import { newId, select, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { ticketMailed } from "../tickets/mail-ticket.ts";
import { issueTicket } from "../tickets/ticket.ts";
import { emailKey } from "../users/names.ts";
import { users } from "../users/table.ts";

const { id, username, email } = users;

/**
 * Mails a ticket for a new password to the user who has this address, five times an hour at most. Neither the answer
 * nor the work shows whether there is one: it takes the same query and the same statements, of which one writes a
 * ticket either way. Disabled users, and those whose passwords are kept elsewhere, get none.
 */
export async function forgotPassword(deps: Deps, cause: Cause, typed: string): Promise<void> {
  const now = deps.now();
  const [found] = await deps.db.query(
    select({ id, username, email }, sql`from ${users} where email_key = ${emailKey(typed)}`),
  );
  const user = { id: newId(), username: "nobody", ...found, email: found?.email ?? typed };
  const addressee = { user_id: user.id, username: user.username, email: user.email };
  const mayReset: Part = {
    guard: sql`exists (select 1 from users where id = ${user.id} and email = ${user.email} and is_active = 1)
      and not exists (select 1 from external_identities where user_id = ${user.id})`,
  };
  const otherwise: Part = {
    effects: (happened) => [
      issueTicket({ purpose: "nothing", user_id: null, email: "" }, now, sql`not ${happened}`).statement,
    ],
  };
  await command(
    deps.db,
    cause,
    {
      type: "user.password_reset_requested",
      aggregate_id: user.id,
      time: now.toISOString(),
      data: { user_id: user.id },
    },
    [mayReset, ticketMailed(deps, "password_reset", addressee, now), otherwise],
  );
}
