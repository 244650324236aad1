import { join } from "node:path";
import { newId } from "@stoa/db";
import { compose } from "@stoa/mail/compose";
import { MailFailure } from "@stoa/mail/mailer";
import { outboxMailer, smtpMailer } from "@stoa/mail/mailer-bun";
import { called } from "../called.ts";
import type { Environment } from "../db/target.ts";
import { explain } from "../explain.ts";
import { settingsOf } from "../settings.ts";

const usage = `${called("mail")} test ADDRESS

Sends a mail to ADDRESS as Stoa sends its own, by SMTP_URL from MAIL_FROM, and says whether the mail server has taken it.
Without SMTP_URL the mail is written to a file in DATA_DIR/outbox.`;

/**
 * `stoa mail`.
 *
 * @returns the exit code: 0 when the mail was taken, 1 otherwise
 */
export async function run(
  args: readonly string[],
  env: Environment,
  print: (line: string, error: boolean) => void,
): Promise<number> {
  const [command, address, ...more] = args;
  if (command === "--help" || command === "-h") {
    print(usage, false);
    return 0;
  }
  const wrong = misused(command, address, more);
  if (wrong !== undefined || address === undefined) {
    print([wrong, usage].filter(Boolean).join("\n\n"), true);
    return 1;
  }
  if (!/^[^\s@]+@[^\s@]+$/.test(address)) {
    print(`${address} is no e-mail address.`, true);
    return 1;
  }
  try {
    print(await sendTest(env, address), false);
    return 0;
  } catch (error) {
    print(error instanceof MailFailure ? `${error.message} Check SMTP_URL and MAIL_FROM.` : explain(error), true);
    return 1;
  }
}

/** What is wrong with the arguments; an empty text for a call without any. */
function misused(command: string | undefined, address: string | undefined, more: readonly string[]) {
  if (command === undefined) return "";
  if (command !== "test") return `There is no command ${command}.`;
  return address === undefined || more.length > 0 ? "Name one address." : undefined;
}

/** Sends the mail. @returns what became of it */
async function sendTest(env: Environment, recipient: string): Promise<string> {
  const { smtp_url, mail_from, data_dir, public_url } = settingsOf(env);
  const content = compose(public_url, {
    subject: "A test of Stoa's mail",
    name: null,
    paragraphs: [`Stoa at ${public_url} can send you mail.`],
    closing: ["Someone who runs it asked for this mail."],
  });
  const mail = { id: newId(), recipient, ...content, created_at: new Date().toISOString() };
  if (smtp_url !== null) {
    await smtpMailer(smtp_url, mail_from).deliver(mail);
    return `The mail server has taken a mail to ${recipient}.`;
  }
  const folder = join(data_dir, "outbox");
  await outboxMailer(folder, mail_from, silent).deliver(mail);
  return `There is no SMTP_URL: the mail was written to ${join(folder, `${mail.id}.eml`)}.`;
}

const nothing = () => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
