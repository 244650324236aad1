import type { Actor } from "@stoa/auth";
import { all, sql } from "@stoa/db";
import { append, commit } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { mailTicket, mayMail } from "../tickets/mail-ticket.ts";
import { readStoredUser } from "../users/read.ts";

/**
 * Mails the asker a ticket for the address that waits to be confirmed: the new one, or the present one. Nothing is
 * sent when none waits, nor more than five times an hour.
 */
export async function requestVerification(deps: Deps, actor: Actor): Promise<void> {
  const { id: user_id, username, email, email_verified, pending_email } = await readStoredUser(deps.db, actor.user_id);
  const waiting = pending_email ?? (email_verified === 1 ? null : email);
  if (waiting === null) return;
  const purpose = pending_email === null ? "email_verification" : "email_change";
  const now = deps.now();
  const event = append(
    actor.cause,
    {
      type: "user.email_verification_requested",
      aggregate_id: user_id,
      time: now.toISOString(),
      data: { user_id },
    },
    all([
      sql`exists (select 1 from users where id = ${user_id} and email is ${email} and pending_email is ${pending_email}
        and email_verified = ${email_verified})`,
      mayMail(purpose, user_id, now),
    ]),
  );
  await commit(deps.db, event, mailTicket(deps, purpose, { user_id, username, email: waiting }, now, event.happened));
}
