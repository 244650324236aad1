import { type Sql, sql } from "@stoa/db";

/** The condition that a task `t` has a key, or had it before it was moved to another project. @param key in capitals */
export function withKey(key: string): Sql {
  return sql`t.key = ${key} or t.id in (select task_id from task_keys where key = ${key})`;
}
