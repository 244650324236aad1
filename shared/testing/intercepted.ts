import type { Database, Result, Sql } from "@stoa/db";

/** What a test does around the calls of a database. Each function may wait, and may throw in place of the database. */
export interface Interception {
  /** Called before `query`, `queryAll` and `scan`. */
  readonly read?: (statements: readonly Sql[]) => unknown;
  /** Called before `scan`, after `read`. */
  readonly scan?: (statement: Sql) => unknown;
  /** Called before `write`. */
  readonly write?: (statements: readonly Sql[]) => unknown;
  /** Called after a `write` that succeeded. */
  readonly written?: (statements: readonly Sql[], results: readonly Result[]) => unknown;
}

/**
 * Wraps a database so that a test can count, delay or refuse its calls.
 *
 * @example
 * const flaky = intercepted(db, { read: () => { if (away) throw new DatabaseError("unavailable", "gone"); } });
 */
export function intercepted(db: Database, { read, scan, write, written }: Interception): Database {
  return {
    ...db,
    query: async <R>(statement: Sql) => {
      await read?.([statement]);
      return (await db.query(statement)) as R[];
    },
    queryAll: async (statements) => {
      await read?.(statements);
      return db.queryAll(statements);
    },
    scan: async <R>(statement: Sql) => {
      await read?.([statement]);
      await scan?.(statement);
      return (await db.scan(statement)) as R[];
    },
    write: async (statements, options) => {
      await write?.(statements);
      const results = await db.write(statements, options);
      await written?.(statements, results as readonly Result[]);
      return results;
    },
  };
}
