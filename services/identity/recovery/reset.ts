import { newId, sql, updateRows } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { append, command, type Part, retrying } from "@stoa/journal";
import { whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { passwordElsewhere } from "../external/rules.ts";
import { longEnough } from "../passwords/long-enough.ts";
import { isShort, normalPassword, requireStrong } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { announceEnded, endsSessions } from "../sessions/end.ts";
import { liftThrottle } from "../throttle/lift.ts";
import { hasMailbox, invalidTicket, readTicket, usable, withdrawTickets } from "../tickets/ticket.ts";
import { passwordChangedMail } from "../users/password-mail.ts";
import { users } from "../users/table.ts";
import { reclaimed } from "./reclaim.ts";
import type { PasswordReset } from "./schema.ts";

/**
 * Gives a user a new password, by the token that was mailed to them. Every session of theirs ends, and a new e-mail
 * that waits is taken back. The token proves that they read the mailbox, so the address is verified too, and what
 * was set before it ever was is removed (`reclaim.ts`); failures that were counted are forgotten. A password that is refused leaves the token good.
 *
 * @throws StoaError `invalid_ticket`, `weak_password`
 */
export async function resetPassword(deps: Deps, cause: Cause, body: PasswordReset): Promise<void> {
  await retrying(deps.db, `ticket ${body.token}`, () => write(deps, cause, body));
}

/** Undefined when a guard did not hold that holds by now. */
async function write(deps: Deps, cause: Cause, { token, new_password }: PasswordReset): Promise<true | undefined> {
  const passwords = requirePasswords(deps);
  const { ticket, user } = await readTicket(deps.db, token, ["password_reset"], deps.now());
  const password = normalPassword(new_password);
  await requireStrong(passwords, password, [user.email, user.username, user.full_name], "/new_password", {
    // The factor of an address that was never verified goes with this reset.
    mfa: user.mfa_enabled === 1 && user.email_verified === 1,
  });
  const password_hash = await passwords.hash(password);

  const { id: user_id } = user;
  const now = deps.now();
  const time = now.toISOString();
  const ending = { user_id, reason: "password_reset" } as const;
  const revoked = { event_id: newId() };
  const reset: Part = {
    effects: (happened) => [
      updateRows(
        users,
        { password_hash, password_changed_at: time, password_short: isShort(password) },
        sql`id = ${user_id} and ${happened}`,
      ),
    ],
  };
  const verified: Part = {
    effects: (happened) => {
      const data = { user_id, email: ticket.email };
      const event = { type: "user.email_verified", aggregate_id: user_id, time, data } as const;
      const unverified = sql`exists (select 1 from users where id = ${user_id} and email_verified = 0)`;
      const appended = append(cause, event, sql`${unverified} and ${happened}`);
      const set = { email_verified: true, version: sql`version + 1`, updated_at: time };
      return [appended.statement, updateRows(users, set, sql`id = ${user_id} and ${appended.happened}`)];
    },
  };
  const cleared: Part = {
    effects: (happened) => [...withdrawTickets(user_id, happened), liftThrottle(user_id, happened)],
  };
  const told: Part = { effects: (happened) => [passwordChangedMail(user, time, happened)] };
  const event = { type: "user.password_changed", aggregate_id: user_id, time, data: { user_id } } as const;
  const sessions = endsSessions(cause, ending, time, revoked.event_id);
  const here: Part = { guard: sql`not ${passwordElsewhere(deps.corporate, user_id)}`, why: invalidTicket };
  const parts = [
    usable(ticket, now),
    hasMailbox(ticket),
    here,
    longEnough(user_id, password, sql`email_verified = 1`),
    reset,
    reclaimed(cause, user, time),
    verified,
    cleared,
    sessions,
    told,
  ];
  const rows = await command(deps.db, cause, event, parts, whatHappened(revoked));
  if (rows) await announceEnded(deps, cause, ending, rows);
  return rows && true;
}
