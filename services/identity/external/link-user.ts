import { newId, sql, updateRows } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { endSessions, endsSessions } from "../sessions/end.ts";
import { refusedAsDisabled } from "../sessions/finish-login.ts";
import { withdrawTickets } from "../tickets/ticket.ts";
import type { StoredUser } from "../users/read.ts";
import { users } from "../users/table.ts";
import { becomesUser, type ExternalPerson, isUnlinked } from "./identity.ts";
import { linkedMail } from "./linked-mail.ts";

/**
 * Links a local user who verified the same address as the directory did. Every session of theirs ends, their password here is
 * removed, what was mailed for it is withdrawn, and a mail says so: the address may have been verified by a click on a mail that
 * somebody else's registration sent.
 *
 * @returns their id; undefined when something changed meanwhile
 * @throws StoaError `account_disabled`.
 */
export async function linkUser(
  deps: Deps,
  cause: Cause,
  person: ExternalPerson,
  { id, username, email, email_key, is_active }: StoredUser,
): Promise<string | undefined> {
  if (is_active !== 1) throw await refusedAsDisabled(deps, cause, { id });
  const { origin } = person;
  const time = deps.now().toISOString();
  const ending = { user_id: id, reason: "linked" } as const;
  const revoked = { event_id: newId() };
  const linkable: Part = {
    guard: sql`exists (select 1 from users where id = ${id} and email_key = ${email_key} and email_verified = 1
      and is_active = 1 and ${isUnlinked(origin)})`,
  };
  const separated: Part = {
    effects: (happened) => [
      updateRows(
        users,
        { password_hash: null, password_changed_at: time, password_short: false },
        sql`id = ${id} and password_hash is not null and ${happened}`,
      ),
      ...withdrawTickets(id, happened),
      ...(email === null ? [] : [linkedMail({ user_id: id, username, email }, time, happened)]),
    ],
  };
  const theirs = { ...cause, actor_id: id };
  const rows = await command(
    deps.db,
    theirs,
    { type: "user.external_linked", aggregate_id: id, time, data: { user_id: id, origin } },
    [linkable, becomesUser(person, id, time), separated, endsSessions(theirs, ending, time, revoked.event_id)],
    whatHappened(revoked),
  );
  if (!rows) return undefined;
  announce(deps, rows);
  // An event names a thousand sessions at most.
  await endSessions(deps, theirs, ending);
  return id;
}
