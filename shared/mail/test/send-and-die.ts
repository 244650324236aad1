import { openDatabase } from "@stoa/db";
import { consoleLogger } from "@stoa/http";
import { smtpMailer } from "../mailer-bun.ts";
import { sendMails } from "../send.ts";

// A sender that is killed right after the mail server took a mail: `send-and-die.ts DATABASE_URL SMTP_URL`.
const [database = "", smtp = ""] = process.argv.slice(2);
const mailer = smtpMailer(smtp, "stoa@example.com");
await sendMails({
  db: await openDatabase(database),
  now: () => new Date(),
  log: consoleLogger("identity"),
  mailer: {
    async deliver(mail) {
      await mailer.deliver(mail);
      process.kill(process.pid, "SIGKILL");
    },
  },
});
