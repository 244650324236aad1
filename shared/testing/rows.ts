import type { Database, Sql } from "@stoa/db";

/** Rows of a statement that only a test asks, as what the test takes them for. */
export async function rowsOf<R>(db: Pick<Database, "query">, statement: Sql): Promise<R[]> {
  return (await db.query(statement)) as R[];
}
