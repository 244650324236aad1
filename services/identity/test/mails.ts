import { type Database, select, sql } from "@stoa/db";
import { type MailRow, mails } from "@stoa/mail/table";
import { getTableColumns } from "drizzle-orm";

/** The mails that were queued for an address, oldest first. */
export function mailsTo(db: Database, recipient: string): Promise<MailRow[]> {
  return db.query(select(getTableColumns(mails), sql`from ${mails} where recipient = ${recipient} order by id`));
}

/** The token of the last mail of a kind to an address. */
export async function mailedToken(db: Database, recipient: string, kind: MailRow["kind"]): Promise<string> {
  const mail = (await mailsTo(db, recipient)).findLast((its) => its.kind === kind);
  const [, token] = /#token=([\w-]{43})$/m.exec(mail?.text ?? "") ?? [];
  if (token === undefined) throw new Error(`There is no mail of the kind ${kind} with a token.`);
  return token;
}
