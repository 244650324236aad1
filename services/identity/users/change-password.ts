import type { Actor } from "@stoa/auth";
import { sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { normalPassword, requireStrong } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { endingUpdate, endSessions, sessionsRevoked } from "../sessions/end.ts";
import { withdrawTickets } from "../tickets/ticket.ts";
import { checkPassword } from "./check-password.ts";
import { passwordChangedMail } from "./password-mail.ts";
import { users } from "./table.ts";

/** The present password and the one to come. */
export interface PasswordChange {
  readonly current_password: string;
  readonly new_password: string;
}

/**
 * Gives the asker a new password. Every other session of theirs ends with it, and a new e-mail that waits is taken
 * back.
 *
 * @throws StoaError `wrong_password`, `weak_password`
 */
export async function changePassword(deps: Deps, actor: Actor, change: PasswordChange): Promise<void> {
  const passwords = requirePasswords(deps);
  const user = await checkPassword(deps, actor, change.current_password);
  const password = normalPassword(change.new_password);
  await requireStrong(passwords, password, [user.email, user.username, user.full_name], "/new_password", {
    mfa: user.mfa_enabled === 1,
  });
  const password_hash = await passwords.hash(password);

  const time = deps.now().toISOString();
  const others = { user_id: user.id, reason: "password_changed", which: sql`id <> ${actor.session_id}` } as const;
  const event = append(
    actor.cause,
    { type: "user.password_changed", aggregate_id: user.id, time, data: { user_id: user.id } },
    sql`exists (select 1 from users where id = ${user.id} and password_hash is ${user.password_hash})`,
  );
  const revoked = sessionsRevoked(actor.cause, others, time, event.happened);
  const set = { password_hash, password_changed_at: time };
  const { applied, rows } = await commit(
    deps.db,
    event,
    [
      updateRows(users, set, sql`id = ${user.id} and ${event.happened}`),
      revoked.statement,
      endingUpdate(others, time, revoked.happened),
      ...withdrawTickets(user.id, event.happened),
      ...passwordChangedMail(user, time, event.happened),
    ],
    whatHappened(revoked),
  );
  // Changed meanwhile, by another request: what was given as the present password is not that any more.
  if (!applied) throw new StoaError("wrong_password");
  announce(deps, rows);
  await endSessions(deps, actor.cause, others);
}
