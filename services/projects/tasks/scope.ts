import { type Sql, sql } from "@stoa/db";

/** Where a task belongs: to a project, or to the user who made it. */
export interface TaskScope {
  /** Null for a task that is about to be made. */
  readonly id: string | null;
  readonly project_id: string | null;
  readonly creator_id: string;
}

/** The condition of the tasks of one scope, those in the trash too. */
export function tasksIn({ project_id, creator_id }: TaskScope): Sql {
  return project_id === null ? sql`project_id is null and creator_id = ${creator_id}` : sql`project_id = ${project_id}`;
}

/** The values of a list, each once, in their order. */
export function unique(values: readonly string[] | null | undefined): string[] {
  return [...new Set(values ?? [])];
}
