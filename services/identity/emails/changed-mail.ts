import type { Sql } from "@stoa/db";
import { compose } from "@stoa/mail/compose";
import { queueMail } from "@stoa/mail/queue";
import type { StoredUser } from "../users/read.ts";

/** Tells a user's former address of the change: its reader may not be the one who made it. */
export function tellOldAddress({ id, username, email }: StoredUser, time: string, happened: Sql): readonly Sql[] {
  if (email === null) return [];
  const content = compose("", {
    subject: "Your e-mail address was changed",
    name: username,
    paragraphs: [
      "Your user has another e-mail address now. Mails no longer come here, and a forgotten password cannot be renewed through this address.",
    ],
    closing: ["If it was not you, tell the operator of this Stoa at once."],
  });
  return [queueMail({ kind: "email_changed", user_id: id, recipient: email, content, time }, happened)];
}
