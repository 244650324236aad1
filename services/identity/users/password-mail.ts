import type { Sql } from "@stoa/db";
import { compose } from "@stoa/mail/compose";
import { queueMail } from "@stoa/mail/queue";
import type { StoredUser } from "./read.ts";

/** The mail that tells a user that their password was changed, in case it was not them. */
export function passwordChangedMail({ id, username, email }: StoredUser, time: string, happened: Sql): readonly Sql[] {
  if (email === null) return [];
  const content = compose("", {
    subject: "Your password was changed",
    name: username,
    paragraphs: ["Your user has a new password now, and its other sessions have ended."],
    closing: ["If it was not you, ask for a new password at once: “forgotten password” on the login page."],
  });
  return [queueMail({ kind: "password_changed", user_id: id, recipient: email, content, time }, happened)];
}
