import { computed, type Database, raw, type Sql, select, sql } from "@stoa/db";
import { generateNKeysBetween } from "fractional-indexing";
import { endRankOf } from "./rank.ts";
import { type TaskScope, tasksIn } from "./scope.ts";
import { tasks } from "./table.ts";

/** How many tasks on each side of a gap may get a new key at once. */
const REACH = 100;

/** How long a key may be right after spreading, so that many moves fit before the next time; in characters. */
const SHORT = 20;

interface Ranked {
  readonly id: string;
  readonly rank: string;
}

/**
 * Gives the tasks around a gap new keys, so that there are short ones in the gap again. Their order stays, and so do
 * version, `updated_at` and history: nobody has changed them. It takes the fewest tasks whose outer neighbours leave
 * room. Nothing is written when one of them has moved since they were read; then the caller finds another gap anyway.
 *
 * Most gaps are between keys that were counted (see `rank.ts`), so a few tasks are enough. When many were moved into
 * one gap, their own keys are long; then each call shortens {@link REACH} of them on each side of it.
 *
 * @param lower the key before the gap; undefined at the beginning
 */
export async function spreadRanks(db: Database, scope: TaskScope, lower: string | undefined, now: Date): Promise<void> {
  const columns = { id: tasks.id, rank: tasks.rank };
  const near = (from: Sql, direction: "asc" | "desc") =>
    db.query(
      select(
        columns,
        sql`from ${tasks} where ${tasksIn(scope)} and ${from}
      order by rank ${raw(direction)} limit ${REACH + 1}`,
      ),
    );
  const [below, above, end] = await Promise.all([
    lower === undefined ? [] : near(sql`rank <= ${lower}`, "desc"),
    near(sql`rank > ${lower ?? ""}`, "asc"),
    placeAfterAll(db, scope),
  ]);
  const plan = planOf(below, above, end);
  await db.write([rewrite(scope, plan, now)]);
}

/** A stretch of the order and its new keys. */
interface Plan {
  readonly low: string | null;
  readonly high: string;
  readonly stretch: readonly (Ranked & { readonly to: string })[];
}

/** The fewest tasks on both sides of the gap whose new keys are short; all that were read when none are. */
function planOf(below: readonly Ranked[], above: readonly Ranked[], end: string): Plan {
  for (let reach = 4; ; reach = Math.min(reach * 2, REACH)) {
    const low = below[reach]?.rank ?? null;
    const high = above[reach]?.rank ?? end;
    const stretch = [...below.slice(0, reach).toReversed(), ...above.slice(0, reach)];
    const keys = generateNKeysBetween(low, high, stretch.length);
    if (reach === REACH || keys.every((key) => key.length <= SHORT)) {
      return { low, high, stretch: stretch.map((task, index) => ({ ...task, to: keys[index] ?? task.rank })) };
    }
  }
}

/** The place that the next new task will get, above every key that there is. */
async function placeAfterAll(db: Database, { project_id, creator_id }: TaskScope): Promise<string> {
  const place = computed<number>(sql`coalesce(max(last_place), 0) + 1`);
  const [row] = await db.query(select({ place }, sql`from counters where scope_id = ${project_id ?? creator_id}`));
  return endRankOf(row?.place ?? 1);
}

function rewrite(scope: TaskScope, { low, high, stretch }: Plan, now: Date): Sql {
  const between = sql`${tasksIn(scope)} and rank > ${low ?? ""} and rank < ${high}`;
  const plan = JSON.stringify(stretch);
  return sql`update tasks set rank = planned.value ->> 'to', changed_at = ${now.toISOString()}
    from json_each(${plan}) planned
    where tasks.id = planned.value ->> 'id'
      and (select count(*) from tasks where ${between}) = ${stretch.length}
      and (select count(*) from json_each(${plan}) same join tasks on tasks.id = same.value ->> 'id'
        where tasks.rank = same.value ->> 'rank' and ${tasksIn(scope)}) = ${stretch.length}`;
}
