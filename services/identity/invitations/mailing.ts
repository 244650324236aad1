import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Invitations that one address is mailed in an hour at most by one inviter: one that was revoked was mailed too. */
const AN_HOUR = 5;
/** Invitations that one inviter sends in a day at most; without a limit for superusers. */
const A_DAY = 50;
const A_DAY_UNVERIFIED = 5;

/** The parts of a command that an inviter may mail one more invitation to an address: `rate_limited` otherwise. */
export function mailAllowed(actor: Actor, email_key: string, now: Date): readonly Part[] {
  return [notFlooded(actor, email_key, now), notTooMany(actor, now)];
}

/** It counts mails, which outlive the invitation and its organization. Those of others stand in nobody's way. */
function notFlooded({ user_id }: Actor, email_key: string, now: Date): Part {
  return {
    guard: sql`${mailsSince(user_id, now.getTime() - HOUR_MS, sql`recipient_key = ${email_key}`)} < ${AN_HOUR}`,
    why: () => tooMany("You have sent this address too many invitations", HOUR_MS),
  };
}

/** A newcomer whose own address nobody has verified does not mail strangers through Stoa. */
function notTooMany({ user_id }: Actor, now: Date): Part {
  const sent = mailsSince(user_id, now.getTime() - DAY_MS, sql`1`);
  return {
    guard: sql`exists (select 1 from users where id = ${user_id} and (is_superuser = 1 or ${sent} <
      iif(email_verified = 1 or exists (select 1 from external_identities e where e.user_id = users.id),
        ${A_DAY}, ${A_DAY_UNVERIFIED})))`,
    why: () => tooMany("You have sent too many invitations today, of which an unverified address allows few", DAY_MS),
  };
}

function mailsSince(sender_id: string, since: number, which: Sql): Sql {
  return sql`(select count(*) from mails where sender_id = ${sender_id} and kind = 'invitation'
    and created_at > ${new Date(since).toISOString()} and ${which})`;
}

function tooMany(what: string, ms: number): StoaError {
  const detail = `${what}; try again after the time in Retry-After.`;
  return new StoaError("rate_limited", { detail, headers: { "retry-after": String(ms / 1_000) } });
}
