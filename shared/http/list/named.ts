import { listed, type Sql, type SqlPart, sql } from "@stoa/db";

/** Who a filter on users names. */
export interface Named {
  /** The ids, the asker's among them where it names `me`. */
  readonly ids: readonly string[];
  /** Whether it names `none`. */
  readonly nobody: boolean;
}

/** Who a list of users in a query (`QueryUsers`) names. @param asker whom `me` stands for */
export function namedBy(asker: { readonly user_id: string }, users: readonly string[]): Named {
  const ids = users.filter((user) => user !== "none").map((user) => (user === "me" ? asker.user_id : user));
  return { ids, nobody: users.includes("none") };
}

/**
 * The condition that a user is one of those that a filter names.
 *
 * @param user_id a column, or SQL of an id: null where there is nobody
 */
export function isNamed(user_id: SqlPart, { ids, nobody }: Named): Sql {
  if (ids.length === 0 && nobody) return sql`${user_id} is null`;
  const theirs = sql`${user_id} in ${listed(ids)}`;
  return nobody ? sql`(${theirs} or ${user_id} is null)` : theirs;
}
