import { insertRow, type Purge, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { usernameFree } from "./names.ts";
import type { User } from "./schema.ts";
import { formerUsernames } from "./table.ts";

const KEPT_MS = 30 * 86_400_000;
/** Names that one user gives up in that time at most: nobody takes all good names away from the others. */
const AT_MOST = 10;

/**
 * The parts of a command that a user takes another username: it is free, and the one that they give up stays theirs for 30
 * days. They may take it back.
 */
export function renamed({ id, username }: Pick<User, "id" | "username">, to: string, now: Date): readonly Part[] {
  return [usernameFree(to, now, id), notTooMany(id, now), givenUp({ id, username }, to, now)];
}

/** The part that a name which a user gives up stays taken. */
export function givenUp({ id, username }: Pick<User, "id" | "username">, to: string, now: Date): Part {
  const row = { username, user_id: id, free_at: new Date(now.getTime() + KEPT_MS).toISOString() };
  return {
    effects: (happened) => [
      // Neither name has a row that still counts, but one that nobody has purged may be there.
      sql`delete from former_usernames where username in (${username}, ${to}) and ${happened}`,
      insertRow(formerUsernames, row, happened),
    ],
  };
}

function notTooMany(user_id: string, now: Date): Part {
  return {
    guard: sql`(select count(*) from former_usernames
      where user_id = ${user_id} and free_at > ${now.toISOString()}) < ${AT_MOST}`,
    why: () =>
      new StoaError("rate_limited", {
        detail: "You have changed your username too often of late; try again after the time in Retry-After.",
        headers: { "retry-after": "86400" },
      }),
  };
}

/** Names that were given up 30 days ago are free. */
export const formerNamePurge: Purge = {
  table: formerUsernames,
  past: (now) => sql`${formerUsernames.free_at} <= ${now.toISOString()}`,
};
