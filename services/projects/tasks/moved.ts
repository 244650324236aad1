import { type Database, select, sql } from "@stoa/db";
import { members } from "../members/table.ts";
import type { Task } from "./schema.ts";

/**
 * Tasks as a move to another project will leave them, as far as what else is changed with the move goes by it: only
 * members of that project are assigned, and a parent that stays behind is none.
 */
export async function asMoved(db: Database, moving: readonly Task[], target: string): Promise<Task[]> {
  const assigned = [...new Set(moving.flatMap(({ assignee_ids }) => assignee_ids))];
  const there = await db.query(
    select(
      { user_id: members.user_id },
      sql`from ${members} where project_id = ${target} and user_id in (select value from json_each(${JSON.stringify(assigned)}))`,
    ),
  );
  const stay = new Set(there.map(({ user_id }) => user_id));
  const ids = new Set(moving.map(({ id }) => id));
  return moving.map((task) => ({
    ...task,
    project_id: target,
    parent_id: task.parent_id !== null && ids.has(task.parent_id) ? task.parent_id : null,
    assignee_ids: task.assignee_ids.filter((user_id) => stay.has(user_id)),
  }));
}
