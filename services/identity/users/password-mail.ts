import { type Sql, sql } from "@stoa/db";
import { compose } from "@stoa/mail/compose";
import { queueMail } from "@stoa/mail/queue";
import type { StoredUser } from "./read.ts";

/** The mail that tells a user, at their present address, that their password was changed, in case it was not them. */
export function passwordChangedMail(
  { id, username }: Pick<StoredUser, "id" | "username">,
  time: string,
  happened: Sql,
): Sql {
  const content = compose("", {
    subject: "Your password was changed",
    name: username,
    paragraphs: ["Your user has a new password now, and its other sessions have ended."],
    closing: ["If it was not you, ask for a new password at once: “forgotten password” on the login page."],
  });
  const recipient = sql`(select email from users where id = ${id})`;
  const reachable = sql`exists (select 1 from users where id = ${id} and email is not null)`;
  return queueMail(
    { kind: "password_changed", user_id: id, recipient, content, time },
    sql`${happened} and ${reachable}`,
  );
}
