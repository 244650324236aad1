import { listed, raw, type Sql, type SqlPart, sql } from "@stoa/db";

/** Where a task belongs: to a project, or to the user who made it. */
export interface TaskScope {
  /** Null for a task that is about to be made. */
  readonly id: string | null;
  readonly project_id: string | null;
  readonly creator_id: string;
}

/**
 * The value of `scope` of the tasks of a project, or of a user's personal ones; null before the first personal one.
 *
 * @param scope_id the project's id, or the user's: a value, or SQL of one
 */
export function scopeOf(scope_id: SqlPart): Sql {
  return sql`(select row from counters where scope_id = ${scope_id})`;
}

/**
 * The condition that tasks are of one of these projects, or one of these users' personal ones. One is asked for directly,
 * so that an index has what follows the scope in order.
 *
 * @param scope the column
 */
export function inScopes(scope: Sql, scope_ids: readonly string[]): Sql {
  const [id, ...others] = scope_ids;
  if (id !== undefined && others.length === 0) return sql`${scope} = ${scopeOf(id)}`;
  return sql`${scope} in (select row from counters where scope_id in ${listed(scope_ids)})`;
}

/** The condition of the tasks of one scope, those in the trash too. */
export function tasksIn({ project_id, creator_id }: TaskScope): Sql {
  return sql`scope = ${scopeOf(project_id ?? creator_id)}`;
}

/** The condition of a counter that no task belongs to any more: only then its row may go. */
export const emptyScope = raw("not exists (select 1 from tasks where scope = counters.row)");

/** The values of a list, each once, in their order. */
export function unique(values: readonly string[] | null | undefined): string[] {
  return !values || values.length === 0 ? [] : [...new Set(values)];
}
