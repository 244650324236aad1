import type { Actor } from "@stoa/auth";
import { newId, sql, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { command, type Part, retrying, unmet } from "@stoa/journal";
import { whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { passwordElsewhere } from "../external/rules.ts";
import { longEnough } from "../passwords/long-enough.ts";
import { isShort, normalPassword, requireStrong } from "../passwords/policy.ts";
import { requirePasswords } from "../passwords/required.ts";
import { announceEnded, type Ending, endsSessions } from "../sessions/end.ts";
import { stillProven } from "../sessions/step-up.ts";
import { withdrawTickets } from "../tickets/ticket.ts";
import { checkPassword, samePassword } from "./check-password.ts";
import { passwordChangedMail } from "./password-mail.ts";
import type { PasswordChange } from "./schema.ts";
import { users } from "./table.ts";

/**
 * Gives the user a new password. Every other session of theirs ends with it, and a new e-mail that waits is taken back.
 *
 * @throws StoaError `wrong_password`, `weak_password`, `forbidden` for a user who logs in by the corporate directory, `step_up_required` for a session that did not prove the second
 *   factor which its user has, and those of `checkPassword`.
 */
export async function changePassword(deps: Deps, actor: Actor, change: PasswordChange): Promise<void> {
  const { user_id, session_id } = actor;
  const others = { user_id, reason: "password_changed", which: sql`id <> ${session_id}` } as const;
  await retrying(deps.db, `password ${user_id}`, () => write(deps, actor, change, others));
}

/** Undefined when a guard did not hold that holds by now. */
async function write(
  deps: Deps,
  actor: Actor,
  { current_password, new_password }: PasswordChange,
  others: Ending,
): Promise<true | undefined> {
  const passwords = requirePasswords(deps);
  const kept = keepsPasswordHere(deps, actor.user_id);
  const refused = await unmet(deps.db, [kept]);
  if (refused) throw refused.why();
  const user = await checkPassword(deps, actor, current_password);
  const { id: user_id, email, username, full_name, mfa_enabled } = user;
  const password = normalPassword(new_password);
  const mfa = mfa_enabled === 1;
  await requireStrong(passwords, password, [email, username, full_name], "/new_password", { mfa });
  const password_hash = await passwords.hash(password);
  const time = deps.now().toISOString();
  const revoked = { event_id: newId() };
  const changed: Part = {
    effects: (happened) => [
      updateRows(
        users,
        { password_hash, password_changed_at: time, password_short: isShort(password) },
        sql`id = ${user_id} and ${happened}`,
      ),
      ...withdrawTickets(user_id, happened),
      passwordChangedMail(user, time, happened),
    ],
  };
  const rows = await command(
    deps.db,
    actor.cause,
    { type: "user.password_changed", aggregate_id: user_id, time, data: { user_id } },
    [
      samePassword(user),
      longEnough(user_id, password),
      kept,
      ...stillProven(deps, actor),
      changed,
      endsSessions(actor.cause, others, time, revoked.event_id),
    ],
    whatHappened(revoked),
  );
  if (rows) await announceEnded(deps, actor.cause, others, rows);
  return rows && true;
}

function keepsPasswordHere({ corporate }: Pick<Deps, "corporate">, user_id: string) {
  return {
    guard: sql`not ${passwordElsewhere(corporate, user_id)}`,
    why: () =>
      new StoaError("forbidden", {
        detail: "You log in with your corporate password: change it where your company does.",
      }),
  } satisfies Part;
}
