import type { Database, Result, Sql } from "@stoa/db";

/** What a test does around the calls of a database. Each function may wait, and may throw in place of the database. */
export interface Interception {
  /** Called before `query`, `queryAll` and `scan`. */
  readonly read?: (statements: readonly Sql[]) => unknown;
  /** Called after `query`, `queryAll` and `scan`, with what was read already. */
  readonly answered?: (statements: readonly Sql[]) => unknown;
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
export function intercepted(db: Database, { read, answered, scan, write, written }: Interception): Database {
  return {
    ...db,
    query: async <R>(statement: Sql) => {
      await read?.([statement]);
      const rows = (await db.query(statement)) as R[];
      await answered?.([statement]);
      return rows;
    },
    queryAll: async (statements) => {
      await read?.(statements);
      const lists = await db.queryAll(statements);
      await answered?.(statements);
      return lists;
    },
    scan: async <R>(statement: Sql) => {
      await read?.([statement]);
      await scan?.(statement);
      const rows = (await db.scan(statement)) as R[];
      await answered?.([statement]);
      return rows;
    },
    write: async (statements, options) => {
      await write?.(statements);
      const results = await db.write(statements, options);
      await written?.(statements, results as readonly Result[]);
      return results;
    },
  };
}
