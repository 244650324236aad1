import type { Database, Result, Sql } from "@stoa/db";

/** What a test does around the calls of a database; each may wait, and may throw instead of the database. */
export interface Interception {
  /** Before `query`, `queryAs` and `queryAll`. */
  readonly read?: (statements: readonly Sql[]) => unknown;
  /** Before `write`. */
  readonly write?: (statements: readonly Sql[]) => unknown;
  /** After a `write` that succeeded. */
  readonly written?: (statements: readonly Sql[], results: readonly Result[]) => unknown;
}

/**
 * The same database, seen by a test: it counts, delays or refuses what goes through.
 *
 * @example
 * const flaky = intercepted(db, { read: () => { if (away) throw new DatabaseError("unavailable", "gone"); } });
 */
export function intercepted(db: Database, { read, write, written }: Interception): Database {
  return {
    ...db,
    query: async <R>(statement: Sql) => {
      await read?.([statement]);
      return (await db.query(statement)) as R[];
    },
    queryAs: async <R, T>(statement: Sql, shape: (row: R) => T) => {
      await read?.([statement]);
      return db.queryAs(statement, shape);
    },
    queryAll: async (statements) => {
      await read?.(statements);
      return db.queryAll(statements);
    },
    write: async (statements) => {
      await write?.(statements);
      const results = await db.write(statements);
      await written?.(statements, results as readonly Result[]);
      return results;
    },
  };
}
