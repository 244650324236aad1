import { computed, raw, type Sql, select, sql } from "@stoa/db";
import { deepest, heightOf, levelOf } from "./tree.ts";

/** A task of a bulk change that it does not fit: its place in the list of ids, and why. */
export interface Misfit {
  readonly position: number;
  readonly fault: "assignees" | "parent" | "ring" | "depth";
}

const columns = {
  position: computed<number>(raw("position")),
  fault: computed<Misfit["fault"]>(raw("fault")),
};

/** Where a task `t` belongs after the change: where it goes, or where it is. */
const destination = (target: string | undefined) => (target === undefined ? raw("t.project_id") : sql`${target}`);

/**
 * Selects the tasks to which not all of these users can be assigned, as {@link Misfit}: only members of a task's project,
 * and only its creator of a personal one. The same SELECT tells which id is at fault and guards the command.
 */
export function unassignable(ids: readonly string[], user_ids: readonly string[], target: string | undefined) {
  const users = JSON.stringify(user_ids);
  const members = sql`(select count(*) from members where project_id = ${destination(target)}
    and user_id in (select value from json_each(${users})))`;
  const others = sql`exists (select 1 from json_each(${users}) where value <> t.creator_id)`;
  return misfits(
    sql`select j.key as position, 'assignees' as fault from json_each(${JSON.stringify(ids)}) j join tasks t on t.id = j.value
      where case when ${destination(target)} is null then ${others} else ${members} <> ${user_ids.length} end`,
  );
}

/**
 * Selects the tasks that cannot be put below a parent, as {@link Misfit}: it is of another project or in the trash, below
 * them, or has no room for what is below them. The same SELECT tells which id is at fault and guards the command.
 */
export function misplaced(ids: readonly string[], parent_id: string, target: string | undefined) {
  const project = destination(target);
  const elsewhere = sql`p.id is null or p.project_id is not ${project}
    or (p.project_id is null and p.creator_id <> t.creator_id)`;
  const above = sql`(with recursive above (id) as (
      select ${parent_id}
      union select x.parent_id from tasks x join above on x.id = above.id where x.parent_id is not null)
    select id from above)`;
  const fault = sql`case when ${elsewhere} then 'parent' when t.id in ${above} then 'ring'
    when ${levelOf(parent_id)} + ${heightOf(raw("t.id"))} > ${deepest} then 'depth' end`;
  return misfits(
    sql`select position, fault from (
      select j.key as position, ${fault} as fault from json_each(${JSON.stringify(ids)}) j join tasks t on t.id = j.value
        left join tasks p on p.id = ${parent_id} and p.deleted_at is null)
      where fault is not null`,
  );
}

const misfits = (statement: Sql) => ({
  found: select(columns, sql`from (${statement}) order by position`),
  guard: sql`not exists (${statement})`,
});
