import { newId, type Sql, select, sql, updateRows } from "@stoa/db";
import type { Logger } from "@stoa/http";
import type { StoreDeps } from "@stoa/journal";
import { getTableColumns } from "drizzle-orm";
import { type Mailer, MailFailure } from "./mailer.ts";
import { type MailRow, mails } from "./table.ts";

/** What a sender needs. */
export interface SenderDeps extends StoreDeps {
  readonly mailer: Mailer;
  readonly log: Logger;
}

/** Mails that are taken and delivered at a time. */
const AT_ONCE = 5;
/** How long a mail belongs to the sender that took it: longer than any delivery may last. */
const LEASE_MS = 180_000;
/** Tries until a mail is given up: about ten hours. */
export const MAX_TRIES = 12;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 2 * 3_600_000;

/**
 * Delivers the mails that are due, a few at a time, until none is left. Each is delivered at least once: a guarded
 * write leases it, it is delivered, then marked as sent. When a sender dies in between, another takes the mail after
 * the lease. So several processes may send, and a mail may come twice, with the same Message-ID.
 *
 * @param signal stops it after the mails that are being delivered
 * @returns how many were sent
 * @throws DatabaseError when an outcome cannot be stored, once no mail of this call is being delivered
 */
export async function sendMails(deps: SenderDeps, signal?: AbortSignal): Promise<number> {
  let sent = 0;
  while (!signal?.aborted) {
    const taken = await take(deps);
    if (taken.length === 0) break;
    const outcomes = await Promise.allSettled(taken.map((mail) => send(deps, mail)));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
    sent += outcomes.filter((outcome) => outcome.status === "fulfilled" && outcome.value).length;
  }
  return sent;
}

async function take({ db, now }: SenderDeps): Promise<readonly MailRow[]> {
  const time = now();
  const waiting = sql`status = 'waiting' and next_at <= ${time.toISOString()}`;
  const [due] = await db.query(select({ id: mails.id }, sql`from ${mails} where ${waiting} limit 1`));
  if (!due) return [];
  const lease = newId();
  const until = new Date(time.getTime() + LEASE_MS).toISOString();
  const oldest = sql`id in (select id from mails where ${waiting} order by next_at limit ${AT_ONCE})`;
  const [, { rows }] = await db.write([
    updateRows(mails, { lease, next_at: until, tries: sql`tries + 1` }, oldest),
    select(getTableColumns(mails), sql`from ${mails} where lease = ${lease} order by id`),
  ]);
  return rows;
}

/** Delivers one mail and stores the outcome. */
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

/** Ends a mail, and deletes its content: it carried a token. */
function end({ id, lease }: MailRow, status: "sent" | "failed", time: string, error: string | null): Sql {
  const nothing = { subject: null, text: null, html: null, lease: null };
  return updateRows(mails, { status, ended_at: time, error, ...nothing }, sql`id = ${id} and lease = ${lease}`);
}

function retry({ id, lease, tries }: MailRow, now: Date, code: string): Sql {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
  const next_at = new Date(now.getTime() + Math.round(wait)).toISOString();
  return updateRows(mails, { next_at, error: code, lease: null }, sql`id = ${id} and lease = ${lease}`);
}
