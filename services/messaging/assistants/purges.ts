import { type Purge, sql } from "@stoa/db";
import { answers, spending } from "./table.ts";

const DAY_MS = 24 * 60 * 60_000;

/** How long it is kept what an answer answered, and what a day cost; days. */
const KEPT_DAYS = 30;

const before = (now: Date) => new Date(now.getTime() - KEPT_DAYS * DAY_MS).toISOString();

/** What was asked goes some time after the answer has ended; the message stays. */
export const answerPurge: Purge = {
  table: answers,
  past: (now) => sql`${answers.ended_at} is not null and ${answers.ended_at} <= ${before(now)}`,
};

/** What a day cost goes some time after it. */
export const spendingPurge: Purge = {
  table: spending,
  past: (now) => sql`${spending.day} <= ${before(now).slice(0, 10)}`,
};
