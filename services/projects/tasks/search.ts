import { type Sql, sql } from "@stoa/db";

/**
 * The condition that a task `t` holds a text: in its title or description, or as its key. Three characters and more
 * are looked up in the index; fewer make no trigram, so those are looked for in the rows.
 */
export function matching(text: string): Sql {
  const key = sql`t.key = ${text.toUpperCase()}`;
  if ([...text].length >= 3) {
    const phrase = `"${text.replaceAll('"', '""')}"`;
    return sql`t.row in (select rowid from tasks_text where tasks_text match ${phrase}) or ${key}`;
  }
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return sql`t.title like ${pattern} escape '\\' or t.description like ${pattern} escape '\\' or ${key}`;
}
