import type { Actor } from "@stoa/auth";
import { computed, raw, select, sql } from "@stoa/db";
import { command, retrying } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { ticketMailed } from "../tickets/mail-ticket.ts";
import { readStoredUser } from "../users/read.ts";

/**
 * Mails the user a ticket for the address that waits to be confirmed: the new one, or the present one. Nothing is sent
 * when none waits, nor more than five times an hour.
 */
export async function requestVerification(deps: Deps, actor: Actor): Promise<void> {
  await retrying(deps.db, `verification ${actor.user_id}`, () => request(deps, actor));
}

/** Undefined when what waits has changed meanwhile. */
async function request(deps: Deps, actor: Actor): Promise<true | undefined> {
  const { id: user_id, username, email, email_verified, pending_email } = await readStoredUser(deps.db, actor.user_id);
  const waiting = pending_email ?? (email_verified === 1 ? null : email);
  if (waiting === null) return true;
  const purpose = pending_email === null ? "email_verification" : "email_change";
  const now = deps.now();
  const waits = sql`exists (select 1 from users where id = ${user_id} and email is ${email}
    and pending_email is ${pending_email} and email_verified = ${email_verified})`;
  const event = {
    type: "user.email_verification_requested",
    aggregate_id: user_id,
    time: now.toISOString(),
    data: { user_id },
  } as const;
  // Asking for another mail makes nobody the one who asked for the address.
  const session_id = sql`(select session_id from tickets
    where user_id = ${user_id} and purpose = ${purpose} order by created_at desc limit 1)`;
  const mailed = ticketMailed(deps, purpose, { user_id, username, email: waiting, session_id }, now);
  const rows = await command(deps.db, actor.cause, event, [{ guard: waits }, mailed]);
  if (rows) return true;
  // If nothing has changed, they were sent too many.
  const [still] = await deps.db.query(select({ waits: computed<number>(waits) }, raw("")));
  return still?.waits === 1 || undefined;
}
