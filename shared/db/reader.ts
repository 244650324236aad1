import { drizzle, type SqliteRemoteDatabase } from "drizzle-orm/sqlite-proxy";
import type { Engine } from "./engine.ts";
import { prepared, type SqlValue } from "./sql.ts";

type Reading = "select" | "selectDistinct";

/** drizzle, for reading: nothing here can write or open a transaction. */
export interface Reader extends Pick<SqliteRemoteDatabase, Reading | "$with" | "$count"> {
  with(...queries: Parameters<SqliteRemoteDatabase["with"]>): Pick<ReturnType<SqliteRemoteDatabase["with"]>, Reading>;
}

/** drizzle over an engine. Its mapping goes by position, so rows come as their values. */
export function readerOver(engine: Engine, trace?: (sql: string) => void): Reader {
  return drizzle(
    async (text, args: SqlValue[], method) => {
      const rows = await engine.values(prepared(text, args));
      return { rows: method === "get" ? (rows[0] ?? []) : rows };
    },
    trace ? { logger: { logQuery: (query) => trace(query) } } : {},
  );
}
