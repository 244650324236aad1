import { type Database, select, sql } from "@stoa/db";
import { lineLogger } from "@stoa/http";
import { temporaryDatabase } from "@stoa/testing";
import { getTableColumns } from "drizzle-orm";
import { compose } from "../compose.ts";
import type { Mailer } from "../mailer.ts";
import { queueMail } from "../queue.ts";
import { sendMails } from "../send.ts";
import { type MailRow, mails } from "../table.ts";

export const token = "SiK3p1Vb0uZ6mW2q7cXr9yTfHnLdEoAjGs8kQwUvRxY";
export const content = compose("https://app.example.com", {
  subject: "Choose a new password",
  name: "ada",
  paragraphs: ["Someone asked for a new password."],
  link: { page: "reset-password", token },
  closing: ["If it was not you, ignore this mail."],
});

/** A queue of its own, with a clock to move, and a log to read. */
export async function queue(stored?: { db: Database; dispose(): Promise<void> }) {
  const { db, dispose } = stored ?? (await temporaryDatabase("identity"));
  const clock = { ahead: 0 };
  const now = () => new Date(Date.now() + clock.ahead);
  const logged: string[] = [];
  const log = lineLogger("identity", "debug", (line) => logged.push(line));
  const rows = () => db.query(select(getTableColumns(mails), sql`from ${mails} order by id`));
  return {
    db,
    clock,
    now,
    logged,
    log,
    rows,
    row: async () => (await rows())[0] as MailRow,
    put: (recipient = "ada@example.com") => {
      const time = now().toISOString();
      return db.write([queueMail({ kind: "password_reset", user_id: "u", recipient, content, time }, sql`1`)]);
    },
    send: (mailer: Mailer) => sendMails({ db, now, log, mailer }),
    async [Symbol.asyncDispose]() {
      await dispose();
    },
  };
}
