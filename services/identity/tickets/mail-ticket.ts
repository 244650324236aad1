import { type Sql, sql } from "@stoa/db";
import type { Part } from "@stoa/journal";
import { compose, type Page } from "@stoa/mail/compose";
import { queueMail } from "@stoa/mail/queue";
import type { MailKind } from "@stoa/mail/table";
import type { Deps } from "../deps.ts";
import type { Purpose } from "./table.ts";
import { issueTicket } from "./ticket.ts";

/** Purposes that have a mail. */
type Mailed = Exclude<Purpose, "nothing" | "email_undo">;

interface MailText {
  readonly page: Page;
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly closing: readonly string[];
}

const ignore = "If it was not you, ignore this mail: nothing changes.";

const texts: Readonly<Record<Mailed, MailText>> = {
  email_verification: {
    page: "verify-email",
    subject: "Confirm your e-mail address",
    paragraphs: ["Someone registered with this address. To confirm that it is yours, open this link within 24 hours:"],
    closing: [ignore],
  },
  email_change: {
    page: "verify-email",
    subject: "Confirm your new e-mail address",
    paragraphs: ["You asked to use this address from now on. To confirm it, open this link within 24 hours:"],
    closing: [ignore],
  },
  password_reset: {
    page: "reset-password",
    subject: "Choose a new password",
    paragraphs: ["Someone asked for a new password for your user. To choose one, open this link within an hour:"],
    closing: ["All your sessions end when you do.", ignore],
  },
};

/** The user whom a ticket is mailed to. */
export interface Addressee {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
  /** Of a new e-mail: the session that asks for it. */
  readonly session_id?: string | Sql | null;
}

/**
 * Issues a ticket and queues the mail that carries it, in the batch of a command.
 *
 * @param happened of the command's event
 */
export function mailTicket(
  { public_url }: Pick<Deps, "public_url">,
  purpose: Mailed,
  { user_id, username, email, session_id = null }: Addressee,
  now: Date,
  happened: Sql,
): readonly Sql[] {
  const { token, expires_at, statement } = issueTicket({ purpose, user_id, email, session_id }, now, happened);
  const { page, ...words } = texts[purpose];
  const content = compose(public_url, { ...words, name: username, link: { page, token } });
  const mail = { kind: purpose, user_id, recipient: email, content, time: now.toISOString(), expires_at } as const;
  return [statement, queueMail(mail, happened)];
}

/** The part of a command that mails a ticket, unless the user was sent too many of the kind. */
export function ticketMailed(deps: Pick<Deps, "public_url">, purpose: Mailed, addressee: Addressee, now: Date): Part {
  return {
    guard: mayMail(purpose, addressee.user_id, now),
    effects: (happened) => mailTicket(deps, purpose, addressee, now, happened),
  };
}

/** Mails of one kind that one user is sent in an hour at most, so that nobody floods a mailbox through Stoa. */
const AN_HOUR = 5;

/** The condition that one more mail of a kind may be sent to a user. */
export function mayMail(kind: MailKind, user_id: string, now: Date): Sql {
  const since = new Date(now.getTime() - 3_600_000).toISOString();
  return sql`(select count(*) from mails
    where user_id = ${user_id} and kind = ${kind} and created_at > ${since}) < ${AN_HOUR}`;
}
