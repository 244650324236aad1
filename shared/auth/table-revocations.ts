import { type Database, sql } from "@stoa/db";
import { type Entry, overrideOf, subjectsOf } from "./revocation-entries.ts";
import type { Revocations } from "./revocations.ts";

/** Looks revocations up in the service's own `revocations` table, by one indexed read for each token. */
export function tableRevocations(db: Pick<Database, "query">): Revocations {
  return {
    async lookup(token) {
      const subjects = JSON.stringify(subjectsOf(token));
      const rows = await db.query<Entry>(
        sql`select subject, value, changed_at from revocations where subject in (select value from json_each(${subjects}))`,
      );
      if (rows.length === 0) return undefined;
      return overrideOf(token, (subject) => rows.find((row) => row.subject === subject));
    },
  };
}
