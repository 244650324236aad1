import { type Database, insertRow, newId, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type TicketRow, tickets } from "./table.ts";
import { hashOf, newToken } from "./token.ts";

const HOUR_MS = 3_600_000;

/** What tickets are for, and how long each is good; milliseconds. */
const lives = {
  email_verification: 24 * HOUR_MS,
  email_change: 24 * HOUR_MS,
  password_reset: HOUR_MS,
  /** Goes nowhere: takes the place of one where there is nobody to mail one to. */
  nothing: 0,
} as const;

/** What a ticket is for. */
export type Purpose = keyof typeof lives;

/** A ticket to be mailed. */
export interface NewTicket {
  readonly purpose: Purpose;
  readonly user_id: string | null;
  readonly email: string;
}

/** A ticket made: the token for the mail, and the statement that keeps its hash. */
export interface IssuedTicket {
  readonly token: string;
  readonly expires_at: string;
  readonly statement: Sql;
}

/**
 * Makes a ticket.
 *
 * @param happened of the command's event
 */
export function issueTicket(ticket: NewTicket, now: Date, happened: Sql): IssuedTicket {
  const token = newToken();
  const expires_at = new Date(now.getTime() + lives[ticket.purpose]).toISOString();
  const row = { id: newId(), ...ticket, hash: hashOf(token), created_at: now.toISOString(), expires_at };
  return { token, expires_at, statement: insertRow(tickets, row, happened) };
}

/** A ticket that a user may use now, with its user. */
export type UsableTicket = TicketRow & { readonly user_id: string };

/**
 * Looks up the ticket of a token.
 *
 * @throws StoaError `invalid_ticket` for one that is unknown, used, too old, or for something else
 */
export async function readTicket(
  db: Database,
  token: string,
  purposes: readonly Purpose[],
  now: Date,
): Promise<UsableTicket> {
  const [row] = await db.query<TicketRow>(
    sql`select * from tickets where hash = ${hashOf(token)} and ${isUsable(now)} and user_id is not null`,
  );
  if (!row || row.user_id === null || !purposes.includes(row.purpose as Purpose)) throw new StoaError("invalid_ticket");
  return { ...row, user_id: row.user_id };
}

/** That a ticket can still be used: goes to the guards of the command that uses it. */
export function stillUsable({ id }: TicketRow, now: Date): Sql {
  return sql`exists (select 1 from tickets where id = ${id} and ${isUsable(now)})`;
}

/** Uses up the ticket, and with it every other one of its user for the same purpose. */
export function useTickets({ purpose, user_id }: UsableTicket, time: string, happened: Sql): Sql {
  return sql`update tickets set used_at = ${time}
    where user_id = ${user_id} and purpose = ${purpose} and used_at is null and ${happened}`;
}

/**
 * Makes worthless what was mailed for the password before, and takes back a new e-mail that waits: whoever had that
 * password may have asked for it, to come back by it.
 *
 * @param happened of the event that changes the password
 */
export function withdrawTickets(user_id: string, happened: Sql): readonly Sql[] {
  return [
    sql`delete from tickets where user_id = ${user_id} and purpose in ('password_reset', 'email_change') and ${happened}`,
    sql`delete from mails where user_id = ${user_id} and kind in ('password_reset', 'email_change')
      and status = 'waiting' and ${happened}`,
    sql`update users set pending_email = null, version = version + 1
      where id = ${user_id} and pending_email is not null and ${happened}`,
  ];
}

function isUsable(now: Date): Sql {
  return sql`used_at is null and expires_at > ${now.toISOString()}`;
}
