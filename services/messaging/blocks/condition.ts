import { among, composeOnce, type Sql, type SqlPart, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";

/**
 * The condition that a user has not blocked another: what the other says does not notify them.
 *
 * @param user_id a value, or SQL of one, as `by` is
 * @param by who would notify them, or add them to a group
 */
export function notBlocked(user_id: SqlPart, by: SqlPart): Sql {
  return sql`not exists (select 1 from blocks where blocks.user_id = ${user_id} and blocks.blocked_id = ${by})`;
}

/** The condition that neither of two users has blocked the other: they may write to each other. */
export function onSpeakingTerms(one: SqlPart, other: SqlPart): Sql {
  return sql`(${notBlocked(one, other)} and ${notBlocked(other, one)})`;
}

/** The part of a command that neither of two users has blocked the other. */
export function speaking(one: string, other: string): Part & { readonly guard: Sql } {
  return { guard: onSpeakingTerms(one, other), why: () => new StoaError("blocked") };
}

/** The part of a command that a conversation is no direct one between two of whom one has blocked the other. */
export function mayWriteIn(user_id: string, conversation_id: string): Part & { readonly guard: Sql } {
  return { guard: writable({ user_id, conversation_id }), why: () => new StoaError("blocked") };
}

const writable = composeOnce((value: (name: "user_id" | "conversation_id") => Sql) => {
  const user_id = value("user_id");
  return sql`not exists (select 1 from conversations c
    join participants p on p.conversation_id = c.id and p.user_id <> ${user_id}
    where c.id = ${value("conversation_id")} and c.type = 'direct' and not ${onSpeakingTerms(sql`p.user_id`, user_id)})`;
});

/** The part of a command that none of these people has blocked the user who adds them to a group. */
export function mayAdd(user_id: string, others: readonly string[]): Part & { readonly guard: Sql } {
  return {
    guard: sql`not exists (select 1 from blocks
      where blocks.user_id in ${among(others)} and blocks.blocked_id = ${user_id})`,
    why: () => new StoaError("blocked", { detail: "One of these people cannot be added by you." }),
  };
}
