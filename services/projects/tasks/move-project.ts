import { raw, type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { appendEach, type NewEvent, type Part } from "@stoa/journal";
import { endRank } from "./rank.ts";
import type { Task } from "./schema.ts";

/** Tasks on their way to another project. */
export interface ProjectMove {
  /** Those that were asked for; what is below them goes along. Not empty, and none is in the project yet. */
  readonly roots: readonly [Task, ...Task[]];
  /** The project where they go. */
  readonly target: string;
}

/**
 * The tasks that move, in SQL: those that were asked for and all below them, those in the trash too. `n` counts them for
 * their numbers, those that were asked for first; `place` counts them in the order in which they stood; `parent_id` is the parent that each keeps, one that moves too.
 */
function moving({ roots }: ProjectMove): Sql {
  const asked = sql`select value from json_each(${JSON.stringify(roots.map(({ id }) => id))})`;
  return sql`(with recursive below (id) as (
      ${asked}
      union select t.id from tasks t join below on t.parent_id = below.id)
    select t.id, row_number() over (order by t.id not in (${asked}), t.rank, t.id) as n,
      row_number() over (order by t.rank, t.id) as place,
      case when t.parent_id in (select id from below) then t.parent_id end as parent_id
    from below cross join tasks t on t.id = below.id)`;
}

/**
 * Each task `t` that moves, `moved` as it is {@link moving}, with the counter `c` and the project `p` where it goes. The cross
 * joins, here and there, keep SQLite from going through all tasks to look which of them move; 3.45 did, in every statement.
 */
function each(move: ProjectMove): Sql {
  return sql`${moving(move)} moved cross join tasks t on t.id = moved.id
    join counters c on c.scope_id = ${move.target} join projects p on p.id = c.scope_id`;
}

const number = raw("(c.last_number + moved.n)");
const key = sql`p.key || '-' || ${number}`;

/** The assignees of a task `t` who are members of the project where it goes, or those who are not. */
function assignees(target: string, stay: "in" | "not in"): Sql {
  return sql`(select json_group_array(a.value) from json_each(t.assignee_ids) a
    where a.value ${raw(stay)} (select user_id from members where project_id = ${target}))`;
}

/** What only the database knows of the event of a task that moves: SQL of text and of JSON. */
function said({ target }: ProjectMove) {
  const candidates = sql`json_array(
    json_object('field', 'project_id', 'from', t.project_id, 'to', ${target}),
    json_object('field', 'key', 'from', t.key, 'to', ${key}),
    json_object('field', 'parent_id', 'from', t.parent_id, 'to', moved.parent_id),
    json_object('field', 'assignee_ids', 'from', json(t.assignee_ids), 'to', json(${assignees(target, "in")})))`;
  return {
    key,
    version: raw("t.version + 1"),
    removed_user_ids: assignees(target, "not in"),
    changes: sql`(select json_group_array(json(one.value)) from json_each(${candidates}) one
      where json_extract(one.value, '$.from') is not json_extract(one.value, '$.to'))`,
  };
}

/** The event of the first task that was asked for; those of the others are effects of {@link movedTo}. */
export function moveEvent(move: ProjectMove, time: string): NewEvent<"task.moved_project"> {
  const [{ id, title, project_id: from_project_id, key: from_key }] = move.roots;
  const of = (expression: Sql) => sql`(select ${expression} from ${each(move)} where t.id = ${id})`;
  const { key: to, version, removed_user_ids, changes } = said(move);
  return {
    type: "task.moved_project",
    aggregate_id: move.target,
    entity_id: id,
    time,
    data: {
      task_id: id,
      project_id: move.target,
      key: of(to),
      title,
      version: of(version),
      from_project_id,
      from_key,
      removed_user_ids: sql`json(${of(removed_user_ids)})`,
      changes: sql`json(${of(changes)})`,
    },
  };
}

/**
 * The part of a command that moves tasks to another project, with all below them. Each gets a number there, and a place at
 * the end of its order; the key that it had leads to it still. A task whose parent stays behind has none any more, and
 * assignees who are no members there fall away. Version and time of each change as they do in any edit.
 */
export function movedTo(move: ProjectMove, cause: Cause, time: string): Part {
  const { target, roots } = move;
  const { key: to, version, removed_user_ids, changes } = said(move);
  const data = sql`json_object('task_id', t.id, 'project_id', ${target}, 'key', ${to}, 'title', t.title, 'version', ${version},
    'from_project_id', t.project_id, 'from_key', t.key, 'removed_user_ids', json(${removed_user_ids}),
    'changes', json(${changes}))`;
  const all = sql`(select id from ${moving(move)})`;
  const count = sql`(select count(*) from ${moving(move)})`;
  return {
    effects: (happened) => [
      appendEach(happened, {
        cause,
        type: "task.moved_project",
        time,
        aggregate_id: sql`${target}`,
        entity_id: raw("t.id"),
        organization_id: raw("p.organization_id"),
        data,
        from: each(move),
        where: sql`t.id <> ${roots[0].id}`,
      }),
      sql`insert or ignore into task_keys (key, task_id)
        select key, id from tasks where id in ${all} and key is not null and ${happened}`,
      sql`delete from task_assignees where task_row in (select row from tasks where id in ${all}) and ${happened}
        and user_id not in (select user_id from members where project_id = ${target})`,
      sql`update tasks as t set project_id = ${target}, scope = c.row, number = ${number}, key = ${to},
          rank = ${endRank(raw("c.last_place + moved.place"))}, parent_id = moved.parent_id,
          assignee_ids = ${assignees(target, "in")}, version = ${version}, updated_at = ${time}
        from ${moving(move)} moved join counters c on c.scope_id = ${target} join projects p on p.id = c.scope_id
        where t.id in ${all} and t.id = moved.id and ${happened}`,
      // Last: the numbers above are counted from where it stood.
      sql`update counters set last_number = last_number + ${count}, last_place = last_place + ${count}
        where scope_id = ${target} and ${happened}`,
    ],
  };
}
