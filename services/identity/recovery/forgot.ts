import { newId, select, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import { emailKey } from "@stoa/mail/address-key";
import type { Deps } from "../deps.ts";
import { passwordElsewhereMail } from "../external/linked-mail.ts";
import { passwordElsewhere } from "../external/rules.ts";
import { mailTicket, mayMail } from "../tickets/mail-ticket.ts";
import { issueTicket } from "../tickets/ticket.ts";
import { users } from "../users/table.ts";

const { id, username, email } = users;

/**
 * Mails a ticket for a new password to the user who has this address, five times an hour at most. Neither the answer
 * nor the work shows whether there is one: it takes the same query and the same statements, of which one writes a
 * ticket either way. Disabled users get none. Those whose password is kept in the corporate directory are mailed how they log in.
 */
export async function forgotPassword(deps: Deps, cause: Cause, typed: string): Promise<void> {
  const now = deps.now();
  const [found] = await deps.db.query(
    select({ id, username, email }, sql`from ${users} where email_key = ${emailKey(typed)}`),
  );
  const user = { id: newId(), username: "nobody", ...found, email: found?.email ?? typed };
  const addressee = { user_id: user.id, username: user.username, email: user.email };
  const elsewhere = passwordElsewhere(deps.corporate, user.id);
  const time = now.toISOString();
  const asked: Part = {
    guard: sql`exists (select 1 from users where id = ${user.id} and email = ${user.email} and is_active = 1)
      and ${mayMail("password_elsewhere", user.id, now)} and ${mayMail("password_reset", user.id, now)}`,
    effects: (happened) => [
      ...mailTicket(deps, "password_reset", addressee, now, sql`${happened} and not ${elsewhere}`),
      passwordElsewhereMail(addressee, time, sql`${happened} and ${elsewhere}`),
      issueTicket({ purpose: "nothing", user_id: null, email: "" }, now, sql`not (${happened} and not ${elsewhere})`)
        .statement,
    ],
  };
  await command(
    deps.db,
    cause,
    {
      type: "user.password_reset_requested",
      aggregate_id: user.id,
      time,
      data: { user_id: user.id },
    },
    [asked],
  );
}
