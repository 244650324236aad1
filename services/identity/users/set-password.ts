import { newId, sql, updateRows } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { command, type Part, retrying } from "@stoa/journal";
import { whatHappened } from "../announce.ts";
import type { UserDeps } from "../deps.ts";
import { isShort } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { announceEnded, endsSessions } from "../sessions/end.ts";
import { liftThrottle } from "../throttle/lift.ts";
import { withdrawTickets } from "../tickets/ticket.ts";
import { passwordChangedMail } from "./password-mail.ts";
import { readStoredUser, userExists } from "./read.ts";
import { users } from "./table.ts";

/**
 * Gives a user another password without their old one: from the command line. Every session of theirs ends, tickets
 * that were mailed become worthless, failures that were counted are forgotten, and a mail tells them.
 *
 * @param password known to be strong
 * @throws StoaError `not_found`
 */
export async function setPassword(deps: UserDeps, cause: Cause, user_id: string, password: string): Promise<void> {
  const user = await readStoredUser(deps.db, user_id);
  const password_hash = await requirePasswords(deps).hash(password);
  const time = deps.now().toISOString();
  const ending = { user_id, reason: "password_reset" } as const;
  const revoked = { event_id: newId() };
  const changed: Part = {
    effects: (happened) => [
      updateRows(
        users,
        { password_hash, password_changed_at: time, password_short: isShort(password) },
        sql`id = ${user_id} and ${happened}`,
      ),
      ...withdrawTickets(user_id, happened),
      liftThrottle(user_id, happened),
      passwordChangedMail(user, time, happened),
    ],
  };
  const event = { type: "user.password_changed", aggregate_id: user_id, time, data: { user_id } } as const;
  const parts = [userExists(user_id), changed, endsSessions(cause, ending, time, revoked.event_id)];
  const rows = await retrying(deps.db, `user ${user_id}`, () =>
    command(deps.db, cause, event, parts, whatHappened(revoked)),
  );
  await announceEnded(deps, cause, ending, rows);
}
