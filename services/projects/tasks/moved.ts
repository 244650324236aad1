import { among, type Database, select, sql } from "@stoa/db";
import type { Part } from "@stoa/journal";
import { members } from "../members/table.ts";
import type { Task } from "./schema.ts";

/** Tasks as a move will leave them. */
export interface Moved {
  readonly tasks: readonly Task[];
  /** The part of a command that the move will leave them so: who of the assigned is a member there is as it was read. */
  readonly sameMembers: Part;
}

/**
 * Tasks as a move to another project will leave them, as far as what else is changed with the move goes by it: only
 * members of that project are assigned, and a parent that stays behind is none.
 */
export async function asMoved(db: Database, moving: readonly Task[], target: string): Promise<Moved> {
  const assigned = [...new Set(moving.flatMap(({ assignee_ids }) => assignee_ids))];
  const there = await db.query(
    select(
      { user_id: members.user_id },
      sql`from ${members} where project_id = ${target} and user_id in ${among(assigned)}`,
    ),
  );
  const stay = new Set(there.map(({ user_id }) => user_id));
  const ids = new Set(moving.map(({ id }) => id));
  const tasks = moving.map((task) => ({
    ...task,
    project_id: target,
    parent_id: task.parent_id !== null && ids.has(task.parent_id) ? task.parent_id : null,
    assignee_ids: task.assignee_ids.filter((user_id) => stay.has(user_id)),
  }));
  const guard = sql`not exists (select 1 from json_each(${JSON.stringify(assigned)}) one
    where (one.value in (select user_id from members where project_id = ${target})) <> (one.value in ${among([...stay])}))`;
  return { tasks, sameMembers: { guard } };
}
