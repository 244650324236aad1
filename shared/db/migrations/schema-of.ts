import type { Database } from "../database.ts";
import { computed, returning } from "../select.ts";
import { sql } from "../sql.ts";

/**
 * Everything in a database's schema, by kind and name: `table users` → its SQL. SQLite's own tables and the list of
 * migrations are left out.
 */
export async function schemaOf(db: Database): Promise<Map<string, string>> {
  const rows = await db.query(
    returning(
      { type: computed<string>(), name: computed<string>(), sql: computed<string | null>() },
      sql`select type, name, sql from sqlite_master where name not like 'sqlite|_%' escape '|' and name <> 'migrations'
        and name not like 'libsql|_%' escape '|' order by type, name`,
    ),
  );
  return new Map(rows.map((row) => [`${row.type} ${row.name}`, row.sql ?? ""]));
}
