import { type Database, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";

/** Where a task stands, as far as its parent matters. */
export interface Place {
  /** Null for a task that is about to be made: nothing can be below it. */
  readonly id: string | null;
  readonly project_id: string | null;
  readonly creator_id: string;
}

/**
 * The guard that a task may be the parent of another: it is live, belongs to the same project (or is a personal task
 * of the same user), and is neither the task itself nor below it.
 */
export function mayBeParent(parent_id: string, { id, project_id, creator_id }: Place): Sql {
  const near =
    project_id === null ? sql`project_id is null and creator_id = ${creator_id}` : sql`project_id = ${project_id}`;
  const exists = sql`exists (select 1 from tasks where id = ${parent_id} and deleted_at is null and ${near})`;
  if (id === null) return exists;
  return sql`${exists} and not exists (
    with recursive above (id) as (
      select ${parent_id}
      union select t.parent_id from tasks t join above on t.id = above.id where t.parent_id is not null)
    select 1 from above where id = ${id})`;
}

/** @throws StoaError `validation_failed` unless it may. */
export async function requireParent(db: Database, parent_id: string | null | undefined, place: Place): Promise<void> {
  if (parent_id === null || parent_id === undefined) return;
  const [row] = await db.query<{ may: number }>(sql`select ${mayBeParent(parent_id, place)} as may`);
  if (row?.may === 1) return;
  const message = "The parent is a task of the same project, neither this one nor one below it.";
  throw new StoaError("validation_failed", { errors: [{ path: "/parent_id", message }] });
}
