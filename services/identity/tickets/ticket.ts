import { type Database, insertRow, newId, prepare, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { and, eq, gt, isNull, placeholder } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import { type StoredUser, selectUsers } from "../users/read.ts";
import { type Purpose, type TicketRow, tickets } from "./table.ts";
import { hashOf, newToken } from "./token.ts";

const HOUR_MS = 3_600_000;

/** How long tickets are good; milliseconds. */
const lives: Readonly<Record<Purpose, number>> = {
  email_verification: 24 * HOUR_MS,
  email_change: 24 * HOUR_MS,
  email_undo: 72 * HOUR_MS,
  password_reset: HOUR_MS,
  nothing: 0,
};

/** A ticket to be mailed. */
export interface NewTicket extends Pick<TicketRow, "purpose" | "user_id" | "email"> {
  readonly email_key?: string;
  readonly was_verified?: 0 | 1;
  readonly session_id?: string | Sql | null;
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

const usableTicket = prepare(
  new QueryBuilder()
    .select()
    .from(tickets)
    .where(
      and(eq(tickets.hash, placeholder("hash")), isNull(tickets.used_at), gt(tickets.expires_at, placeholder("now"))),
    ),
);

/**
 * Looks up the ticket of a token, and its user as they are at that moment.
 *
 * @throws StoaError `invalid_ticket` for one that is unknown, used, too old, or for another purpose
 */
export async function readTicket(
  db: Database,
  token: string,
  purposes: readonly Purpose[],
  now: Date,
): Promise<{ ticket: UsableTicket; user: StoredUser }> {
  const hash = hashOf(token);
  const [[row], [user]] = await db.queryAll([
    usableTicket({ hash, now: now.toISOString() }),
    selectUsers(sql`users.id = (select user_id from tickets where hash = ${hash})`),
  ]);
  if (!row || !user || !purposes.includes(row.purpose)) throw invalidTicket();
  return { ticket: { ...row, user_id: user.id }, user };
}

/** The part of a command that a ticket can still be used. */
export function usable({ id }: TicketRow, now: Date): Part {
  return {
    guard: sql`exists (select 1 from tickets
      where id = ${id} and used_at is null and expires_at > ${now.toISOString()})`,
    why: invalidTicket,
  };
}

/** The part that uses up a ticket, and with it every other one of its user for the same purpose. */
export function used(ticket: UsableTicket, now: Date): Part {
  const { purpose, user_id } = ticket;
  return {
    ...usable(ticket, now),
    effects: (happened) => [
      sql`update tickets set used_at = ${now.toISOString()}
        where user_id = ${user_id} and purpose = ${purpose} and used_at is null and ${happened}`,
    ],
  };
}

/** The part that a ticket's user is active, and still has the address that the ticket was mailed to. */
export function hasMailbox({ user_id, email }: UsableTicket): Part {
  return {
    guard: sql`exists (select 1 from users where id = ${user_id} and email = ${email} and is_active = 1)`,
    why: invalidTicket,
  };
}

/**
 * Deletes what was mailed for the earlier password, and takes back a new e-mail that waits: someone who knew that
 * password may have asked for it, in order to come back. The same when a second factor is turned on.
 *
 * @param happened of the event that changes the password, or turns the factor on
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

/**
 * Deletes what was mailed for a new e-mail that is taken back, and what would have undone it. An earlier address, that was
 * replaced already, can still be had back.
 *
 * @param happened of the event that says so
 */
export function withdrawnChange(user_id: string, happened: Sql): readonly Sql[] {
  return [
    sql`delete from tickets where user_id = ${user_id} and ${happened} and (purpose = 'email_change'
      or (purpose = 'email_undo' and email = (select email from users where id = ${user_id})))`,
    sql`delete from mails where user_id = ${user_id} and kind = 'email_change' and status = 'waiting' and ${happened}`,
  ];
}

/** The error of a ticket that cannot be used. */
export const invalidTicket = () => new StoaError("invalid_ticket");
