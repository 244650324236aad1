import type { Sql } from "@stoa/db";
import { emailKey } from "@stoa/mail/address-key";
import { compose } from "@stoa/mail/compose";
import { queueMail } from "@stoa/mail/queue";
import type { Deps } from "../deps.ts";
import { issueTicket } from "../tickets/ticket.ts";
import type { User } from "../users/schema.ts";

/**
 * Tells the present address of a user that another is to take its place, with a link that undoes it for 72 hours: before
 * the new one is confirmed and after. Whoever asked may hold no more than a stolen session.
 *
 * @param asked the new address; another spelling of the present one is the same mailbox, which is not told
 */
export function undoMail(
  { public_url }: Pick<Deps, "public_url">,
  { id: user_id, username, email, email_verified }: Pick<User, "id" | "username" | "email" | "email_verified">,
  asked: string,
  now: Date,
  happened: Sql,
): readonly Sql[] {
  if (email === null || emailKey(email) === emailKey(asked)) return [];
  const ticket = { purpose: "email_undo", user_id, email, was_verified: email_verified ? 1 : 0 } as const;
  const { token, expires_at, statement } = issueTicket({ ...ticket, email_key: emailKey(email) }, now, happened);
  const content = compose(public_url, {
    subject: "Somebody asked to change your e-mail address",
    name: username,
    paragraphs: [
      "Your user is to have another e-mail address, as soon as that one is confirmed. If it was you, there is nothing to do here.",
      "If it was not you, undo it within 72 hours, also once the address has changed:",
    ],
    link: { page: "undo-email", token },
    closing: ["Then choose a new password, since whoever asked for it may know the old one."],
  });
  const mail = { kind: "email_change_requested", user_id, recipient: email, content, time: now.toISOString() } as const;
  return [statement, queueMail({ ...mail, expires_at }, happened)];
}
