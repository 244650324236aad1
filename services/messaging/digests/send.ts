import { among, insertRow, newId, type Sql, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import { queueMail } from "@stoa/mail/queue";
import type { StoreDeps } from "../deps.ts";
import { quietHours } from "../preferences/read.ts";
import { dayIn, nextDayIn, quietUntil } from "./clock.ts";
import { type DueRow, dueGroups, dueOf, type Group } from "./read.ts";
import { mailDigests } from "./table.ts";
import { digestMail } from "./words.ts";

/** What makes mails of notifications. */
export interface DigestDeps extends StoreDeps {
  /** `PUBLIC_URL`, without a slash at the end. */
  readonly public_url: string;
}

/** How long notifications are gathered: what is read by then is not mailed, and several make one mail. Milliseconds. */
export const GATHER_MS = 15_000;
/** After this a mail of news is of no use. */
const EXPIRES_MS = 86_400_000;
const GROUPS_AT_ONCE = 50;

/**
 * Queues the mails of the notifications that are due: one at most for each user, topic and day of their calendar, however
 * many instances do this, and none in quiet hours. What comes later that day waits for the next.
 *
 * @returns how many mails were queued
 */
export async function mailDigestsDue(deps: DigestDeps, signal?: AbortSignal): Promise<number> {
  let queued = 0;
  while (!signal?.aborted) {
    const until = new Date(deps.now().getTime() - GATHER_MS).toISOString();
    const groups = await dueGroups(deps.db, until, GROUPS_AT_ONCE);
    if (groups.length === 0) break;
    for (const group of groups) if (await mailOf(deps, group)) queued++;
  }
  return queued;
}

/** Mails a group, or decides that it is not mailed, or later: afterwards it is not due any more. */
async function mailOf(deps: DigestDeps, group: Group): Promise<boolean> {
  const { db } = deps;
  const rows = await dueOf(db, group);
  const [first] = rows;
  if (!first) return false;
  const { email } = first;
  const unread = rows.filter(({ is_read }) => is_read === 0);
  if (email === null || first.is_active !== 1 || unread.length === 0) {
    await db.write([rescheduled(rows, null)]);
    return false;
  }
  const now = deps.now();
  const quiet = quietHours(first);
  const tz = quiet?.tz ?? "UTC";
  const until = quiet ? quietUntil(quiet, now) : undefined;
  if (until) {
    await db.write([rescheduled(rows, until)]);
    return false;
  }
  if (await queue(deps, group, { ...first, email }, unread, dayIn(tz, now))) return true;
  // Either there was one today, or something changed just now: the rows that are as they were wait for tomorrow.
  await db.write([sql`${rescheduled(rows, nextDayIn(tz, now))} and ${hasDigest(group, dayIn(tz, now))}`]);
  return false;
}

async function queue(
  { db, now, public_url }: DigestDeps,
  group: Group,
  { name, email }: DueRow & { readonly email: string },
  unread: readonly DueRow[],
  day: string,
): Promise<boolean> {
  const { user_id } = group;
  const moment = now();
  const time = moment.toISOString();
  const mail_id = newId();
  const ids = unread.map(({ id }) => id);
  const theirs = sql`id in ${among(ids)} and user_id = ${user_id} and mail_at is not null`;
  const asRead: Part = {
    guard: sql`(select count(*) from notifications where ${theirs} and is_read = 0) = ${ids.length}
      and exists (select 1 from directory where user_id = ${user_id} and email = ${email} and is_active = 1)`,
  };
  const mailed: Part = {
    guard: sql`not ${hasDigest(group, day)}`,
    effects: (happened) => [
      insertRow(mailDigests, { ...group, day, created_at: time, mail_id }, happened),
      queueMail(
        {
          ...{ id: mail_id, kind: "digest", user_id, recipient: email, time },
          content: digestMail(public_url, name, unread),
          expires_at: new Date(moment.getTime() + EXPIRES_MS).toISOString(),
        },
        happened,
      ),
      sql`update notifications set mail_at = null, mail_id = ${mail_id} where ${theirs} and ${happened}`,
    ],
  };
  const data = { user_id, notification_ids: ids };
  const rows = await command(db, system, { type: "notification.mailed", aggregate_id: user_id, time, data }, [
    asRead,
    mailed,
  ]);
  return rows !== undefined;
}

/** The condition that a mail about the topic was made that day. */
function hasDigest({ user_id, topic_id }: Group, day: string): Sql {
  return sql`exists (select 1 from mail_digests where user_id = ${user_id} and topic_id = ${topic_id} and day = ${day})`;
}

/** Says when notifications that are due are so again; null: never. */
function rescheduled(rows: readonly DueRow[], at: Date | null): Sql {
  const mail_at = at?.toISOString() ?? null;
  return sql`update notifications set mail_at = ${mail_at} where id in ${among(rows.map(({ id }) => id))}
    and mail_at is not null`;
}
