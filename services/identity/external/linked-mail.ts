import type { Sql } from "@stoa/db";
import { compose, type Words } from "@stoa/mail/compose";
import { queueMail } from "@stoa/mail/queue";

interface Addressee {
  readonly user_id: string;
  readonly username: string;
  readonly email: string;
}

/** The mail that tells a user that they log in by the corporate directory from now on, in case it was not them. */
export function linkedMail(to: Addressee, time: string, happened: Sql): Sql {
  return mail("external_linked", to, time, happened, {
    subject: "You log in by your company from now on",
    name: to.username,
    paragraphs: [
      "Somebody logged in with a corporate password whose directory has this e-mail address, so your user belongs to them. All earlier sessions have ended, and the password that your user had here works no more.",
    ],
    closing: ["If it was not you, tell the operator of this Stoa at once."],
  });
}

/** The mail to somebody who forgot a password that is kept in the corporate directory. */
export function passwordElsewhereMail(to: Addressee, time: string, happened: Sql): Sql {
  return mail("password_elsewhere", to, time, happened, {
    subject: "How you log in",
    name: to.username,
    paragraphs: [
      "Someone asked for a new password for your user. You have none here: you log in with your corporate password. If you forgot it, ask for a new one where your company keeps it.",
    ],
    closing: ["If it was not you, ignore this mail: nothing changes."],
  });
}

function mail(
  kind: "external_linked" | "password_elsewhere",
  { user_id, email }: Addressee,
  time: string,
  happened: Sql,
  words: Words,
): Sql {
  return queueMail({ kind, user_id, recipient: email, content: compose("", words), time }, happened);
}
