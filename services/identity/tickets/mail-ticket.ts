import { type Sql, sql } from "@stoa/db";
import type { Deps } from "../deps.ts";
import { compose, type Page } from "../mail/compose.ts";
import { queueMail } from "../mail/queue.ts";
import { issueTicket, type Purpose } from "./ticket.ts";

/** Purposes that have a mail. */
type Mailed = Exclude<Purpose, "nothing">;

interface Said {
  readonly page: Page;
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly closing: readonly string[];
}

const ignore = "If it was not you, ignore this mail: nothing changes.";

const said: Readonly<Record<Mailed, Said>> = {
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

/** Whom a ticket is mailed to. */
export interface Addressee {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
}

/**
 * Issues a ticket and queues the mail that carries it, in the batch of a command.
 *
 * @param happened of the command's event
 */
export function mailTicket(
  { public_url }: Pick<Deps, "public_url">,
  purpose: Mailed,
  { user_id, username, email }: Addressee,
  now: Date,
  happened: Sql,
): readonly Sql[] {
  const { token, expires_at, statement } = issueTicket({ purpose, user_id, email }, now, happened);
  const { page, ...words } = said[purpose];
  const content = compose(public_url, { ...words, name: username, link: { page, token } });
  const mail = { kind: purpose, user_id, recipient: email, content, time: now.toISOString(), expires_at } as const;
  return [statement, queueMail(mail, happened)];
}

/** Mails of one kind that one user is sent in an hour at most: nobody's mailbox is flooded through Stoa. */
const AN_HOUR = 5;

/** That one more ticket may be mailed to a user: goes to the guards. */
export function mayMail(purpose: Mailed, user_id: string, now: Date): Sql {
  const since = new Date(now.getTime() - 3_600_000).toISOString();
  return sql`(select count(*) from mails
    where user_id = ${user_id} and kind = ${purpose} and created_at > ${since}) < ${AN_HOUR}`;
}
