import { type Database, prepared, type Sql } from "@stoa/db";
import { intercepted } from "./intercepted.ts";
import { rowsOf } from "./rows.ts";

/**
 * How SQLite reads what a use case asks for: the steps of its query plans, in order.
 *
 * SQLite may keep the read transaction of an `explain query plan` open, and so the connection sees no later writes and
 * refuses its own: the test writes nothing to the database afterwards.
 *
 * @param use asks the database that it gets
 */
export async function planOf(db: Database, use: (asked: Database) => Promise<unknown>): Promise<string[]> {
  const steps: string[] = [];
  const read = async (statements: readonly Sql[]) => {
    for (const { sql: text, args } of statements) {
      const plan = await rowsOf<{ detail: string }>(db, prepared(`explain query plan ${text}`, args));
      steps.push(...plan.map(({ detail }) => detail));
    }
  };
  await use(intercepted(db, { read }));
  return steps;
}
