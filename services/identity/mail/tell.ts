import { type Sql, sql } from "@stoa/db";
import { compose, type Words } from "@stoa/mail/compose";
import { queueMail } from "@stoa/mail/queue";
import type { MailKind } from "@stoa/mail/table";
import { mayMail } from "../tickets/mail-ticket.ts";

/** What a mail says that tells somebody what happened to their user. */
export type Notice = Pick<Words, "subject" | "paragraphs" | "closing">;

/**
 * Tells a user what happened to their user, in case it was not them: at their present address, if they have one, and five
 * times an hour at most for each kind.
 *
 * @param username what the mail greets them by; null where it is not known
 * @param happened of the event that it tells of
 */
export function tellUser(
  kind: MailKind,
  { id, username }: { readonly id: string; readonly username: string | null },
  notice: Notice,
  time: string,
  happened: Sql,
): Sql {
  const mail = {
    kind,
    user_id: id,
    recipient: sql`(select email from users where id = ${id})`,
    content: compose("", { ...notice, name: username }),
    time,
  };
  const reachable = sql`exists (select 1 from users where id = ${id} and email is not null)`;
  return queueMail(mail, sql`${happened} and ${reachable} and ${mayMail(kind, id, new Date(time))}`);
}
