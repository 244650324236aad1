import { among, type Database, select, sql } from "@stoa/db";
import { overrideOf, subjectsOf } from "./revocation-entries.ts";
import type { Revocations } from "./revocations.ts";
import { revocations } from "./revocations-table.ts";

const { subject, value, changed_at } = revocations;

/** Looks revocations up in the service's own `revocations` table, by one indexed read for each token. */
export function tableRevocations(db: Pick<Database, "query">): Revocations {
  return {
    async lookup(token) {
      const rows = await db.query(
        select(
          { subject, value, changed_at },
          sql`from ${revocations} where ${subject} in ${among(subjectsOf(token))}`,
        ),
      );
      if (rows.length === 0) return undefined;
      return overrideOf(token, (subject) => rows.find((row) => row.subject === subject));
    },
  };
}
