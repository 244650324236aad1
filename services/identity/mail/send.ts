import { newId, rowsAs, type Sql, sql } from "@stoa/db";
import type { Logger } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { type Mailer, MailFailure } from "./mailer.ts";
import type { MailRow } from "./table.ts";

/** What a sender needs. */
export interface SenderDeps extends Pick<Deps, "db" | "now"> {
  readonly mailer: Mailer;
  readonly log: Logger;
}

/** Mails taken at a time, and delivered side by side. */
const AT_ONCE = 5;
/** How long a mail belongs to the sender that took it: longer than any delivery may last. */
const LEASE_MS = 180_000;
/** Tries until a mail is given up: about ten hours. */
export const MAX_TRIES = 12;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 2 * 3_600_000;

/**
 * Delivers the mails that are due, a few at a time, until none is left. Each is delivered at least once: it is taken
 * for a while by a guarded write, delivered, then marked as sent; who dies in between leaves it to the next after that
 * while. So several processes may send, and a mail may come twice, with the same Message-ID.
 *
 * @param signal ends it after the mails under way
 * @returns how many were sent
 */
export async function sendMails(deps: SenderDeps, signal?: AbortSignal): Promise<number> {
  let sent = 0;
  while (!signal?.aborted) {
    const taken = await take(deps);
    if (taken.length === 0) break;
    const outcomes = await Promise.all(taken.map((mail) => send(deps, mail)));
    sent += outcomes.filter((went) => went).length;
  }
  return sent;
}

async function take({ db, now }: SenderDeps): Promise<readonly MailRow[]> {
  const time = now();
  const lease = newId();
  const until = new Date(time.getTime() + LEASE_MS).toISOString();
  const [due] = await db.query(
    sql`select 1 from mails where status = 'waiting' and next_at <= ${time.toISOString()} limit 1`,
  );
  if (!due) return [];
  const [, taken] = await db.write([
    sql`update mails set lease = ${lease}, next_at = ${until}, tries = tries + 1 where id in (
      select id from mails where status = 'waiting' and next_at <= ${time.toISOString()} order by next_at limit ${AT_ONCE})`,
    sql`select * from mails where lease = ${lease} order by id`,
  ]);
  // The statement names every column of the table.
  return rowsAs<MailRow>(taken?.rows);
}

/** Delivers one and writes down what became of it. */
async function send(deps: SenderDeps, mail: MailRow): Promise<boolean> {
  const { db, log, mailer, now } = deps;
  const { id, recipient, subject, text, html, created_at } = mail;
  const began = now().toISOString();
  if (subject === null || text === null || html === null || mail.expires_at <= began) {
    await db.write([end(mail, "failed", began, "expired")]);
    return false;
  }
  try {
    await mailer.deliver({ id, recipient, subject, text, html, created_at });
  } catch (error) {
    const { code, permanent } = error instanceof MailFailure ? error : { code: "unexpected", permanent: false };
    const given_up = permanent || mail.tries >= MAX_TRIES;
    log.warn({ mail_id: id, kind: mail.kind, code, tries: mail.tries, given_up }, "A mail was not delivered.");
    const failed = now();
    await db.write([given_up ? end(mail, "failed", failed.toISOString(), code) : retry(mail, failed, code)]);
    return false;
  }
  await db.write([end(mail, "sent", now().toISOString(), null)]);
  return true;
}

/** The content goes with the end: it carried a token. */
function end({ id, lease }: MailRow, status: "sent" | "failed", time: string, error: string | null): Sql {
  return sql`update mails set status = ${status}, ended_at = ${time}, error = ${error}, subject = null, text = null,
    html = null, lease = null where id = ${id} and lease = ${lease}`;
}

function retry({ id, lease, tries }: MailRow, now: Date, code: string): Sql {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
  const next_at = new Date(now.getTime() + Math.round(wait)).toISOString();
  return sql`update mails set next_at = ${next_at}, error = ${code}, lease = null where id = ${id} and lease = ${lease}`;
}
