import { all, sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Cause } from "@stoa/events";
import { append, commit } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { normalPassword, requireStrong } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { endingUpdate, endSessions, sessionsRevoked } from "../sessions/end-sessions.ts";
import { liftThrottle } from "../throttle/lift.ts";
import { readTicket, stillUsable, withdrawTickets } from "../tickets/ticket.ts";
import { passwordChangedMail } from "../users/password-mail.ts";
import { readStoredUser } from "../users/read.ts";
import { users } from "../users/table.ts";

/** A mailed token, and the password it gives the right to. */
export interface PasswordReset {
  readonly token: string;
  readonly new_password: string;
}

/**
 * Gives a user a new password, by the token that was mailed to them. Every session of theirs ends, and a new e-mail
 * that waits is taken back. Who has the token reads the mailbox, so the address is verified too, and failures that were
 * counted are forgotten. A password that is refused leaves the token good.
 *
 * @throws StoaError `invalid_ticket`, `weak_password`
 */
export async function resetPassword(deps: Deps, cause: Cause, { token, new_password }: PasswordReset): Promise<void> {
  const passwords = requirePasswords(deps);
  const ticket = await readTicket(deps.db, token, ["password_reset"], deps.now());
  const user = await readStoredUser(deps.db, ticket.user_id);
  const password = normalPassword(new_password);
  await requireStrong(passwords, password, [user.email, user.username, user.full_name], "/new_password", {
    mfa: user.mfa_enabled === 1,
  });
  const password_hash = await passwords.hash(password);

  const now = deps.now();
  const time = now.toISOString();
  const all_of_them = { user_id: user.id, reason: "password_reset" } as const;
  const event = append(
    cause,
    { type: "user.password_changed", aggregate_id: user.id, time, data: { user_id: user.id } },
    all([
      stillUsable(ticket, now),
      sql`exists (select 1 from users where id = ${user.id} and email = ${ticket.email} and is_active = 1)`,
    ]),
  );
  const verified = append(
    cause,
    { type: "user.email_verified", aggregate_id: user.id, time, data: { user_id: user.id } },
    all([event.happened, sql`exists (select 1 from users where id = ${user.id} and email_verified = 0)`]),
  );
  const revoked = sessionsRevoked(cause, all_of_them, time, event.happened);
  const set = { password_hash, password_changed_at: time };
  const { applied, rows } = await commit(
    deps.db,
    event,
    [
      updateRows(users, set, sql`id = ${user.id} and ${event.happened}`),
      verified.statement,
      sql`update users set email_verified = 1, version = version + 1, updated_at = ${time}
        where id = ${user.id} and ${verified.happened}`,
      ...withdrawTickets(user.id, event.happened),
      liftThrottle(user.id, event.happened),
      revoked.statement,
      endingUpdate(all_of_them, time, revoked.happened),
      ...passwordChangedMail(user, time, event.happened),
    ],
    whatHappened(revoked),
  );
  // Used by another request, or the address is another one meanwhile.
  if (!applied) throw new StoaError("invalid_ticket");
  announce(deps, rows);
  await endSessions(deps, cause, all_of_them);
}
