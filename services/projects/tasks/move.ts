import type { Actor } from "@stoa/auth";
import { computed, type Database, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { IfMatch } from "@stoa/http/etag";
import { changesOf } from "@stoa/http/patch";
import { type Part, retrying } from "@stoa/journal";
import { generateKeyBetween } from "fractional-indexing";
import { accessToTask, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { type TaskChange, writeEdit } from "./edit.ts";
import { endRank, longestRank, takePlace } from "./rank.ts";
import { accessLiveTask, inPlace } from "./read.ts";
import type { Task, TaskMove } from "./schema.ts";
import { tasksIn } from "./scope.ts";
import { spreadRanks } from "./spread.ts";
import { tasks } from "./table.ts";

/**
 * Moves a task in its project's order (a personal one in its creator's). The order runs through all statuses, so it
 * is the order of each column of a board too.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `validation_failed` when a neighbour is not of the
 *   same project or the two are not in that order.
 */
export function moveTask(deps: StoreDeps, actor: Actor, id: string, move: TaskMove, match?: IfMatch): Promise<Task> {
  const { after_id, before_id } = move;
  // Only moves to a place between two tasks contend with each other; the end has room for all.
  const turn = after_id || before_id ? `place after ${after_id ?? ""} before ${before_id ?? ""}` : `task ${id}`;
  return retrying(deps.db, turn, async () => {
    const { task, role } = await accessLiveTask(deps.db, actor, id);
    requireAccess(role, "write");
    const place = after_id || before_id ? await placeBetween(deps, task, move) : await placeAtEnd(deps.db, task);
    if (!place) return undefined;
    const status: TaskChange[] = changesOf(task, { status: move.status }, ["status"]);
    const changes = [...status, ...place.changes];
    await refuseOverlap(
      deps.db,
      match,
      task,
      id,
      changes.map(({ field }) => field),
    );
    if (changes.length === 0) return task;
    return writeEdit(deps, actor, { task, changes, parts: [accessToTask(actor, task), place], event: "task.moved" });
  });
}

/** A place in the order: what changes for the task to stand there, if anything, and that the place is still free. */
interface Place extends Part {
  readonly changes: readonly TaskChange[];
}

/**
 * Undefined when everything is to be read again: the task has gone elsewhere since, or the keys around the gap had to be made
 * shorter first.
 */
async function placeBetween(
  { db, now }: StoreDeps,
  task: Task,
  { after_id, before_id }: TaskMove,
): Promise<Place | undefined> {
  const after = after_id ? await rankOf(db, task, after_id, "/after_id") : undefined;
  const before = before_id ? await rankOf(db, task, before_id, "/before_id") : undefined;
  if (after === null || before === null) return undefined;
  if (after !== undefined && before !== undefined && after >= before) {
    throw invalid("/before_id", "The task to stand before comes earlier than the one to stand after.");
  }
  const others = sql`${tasksIn(task)} and id <> ${task.id}`;
  const lower = after ?? (await neighbour(db, sql`max(rank)`, sql`${others} and rank < ${before ?? null}`));
  const upper = after === undefined ? before : await neighbour(db, sql`min(rank)`, sql`${others} and rank > ${after}`);
  // Past the last one it is a counted place, so that it never meets the next new task's.
  if (upper === undefined) return placeAtEnd(db, task);
  const between = lower === undefined ? sql`rank < ${upper}` : sql`rank > ${lower} and rank < ${upper}`;
  const neighbours = [lower, upper].filter((rank) => rank !== undefined);
  const held = neighbours.map((rank) => sql` and exists (select 1 from tasks where ${others} and rank = ${rank})`);
  const named = [after_id, before_id].filter((id) => id !== undefined && id !== null);
  const live = named.map((id) => sql` and exists (select 1 from tasks where id = ${id} and deleted_at is null)`);
  const stands = task.rank < upper && (lower === undefined || task.rank > lower);
  const rank = stands ? task.rank : generateKeyBetween(lower, upper);
  if (!stands && rank.length > longestRank) {
    await spreadRanks(db, task, lower, now());
    return undefined;
  }
  return {
    changes: stands ? [] : [{ field: "rank", from: task.rank, to: rank }],
    guard: [...held, ...live].reduce(
      (guard, one) => sql`${guard}${one}`,
      sql`${standsAt(task)} and not exists (select 1 from tasks where ${others} and ${between})`,
    ),
  };
}

/** The end: the database gives the next place there as it writes, so that any number of moves there go through at once. */
async function placeAtEnd(db: Database, task: Task): Promise<Place> {
  const others = sql`${tasksIn(task)} and id <> ${task.id}`;
  const last = await neighbour(db, sql`max(rank)`, others);
  if (task.rank > (last ?? "")) {
    const isLast = sql`not exists (select 1 from tasks where ${others} and rank > ${task.rank})`;
    return { changes: [], guard: sql`${standsAt(task)} and ${isLast}` };
  }
  const scope_id = task.project_id ?? task.creator_id;
  // Event and row are both written before the counter moves.
  const taken = sql`(select ${endRank(sql`last_place + 1`)} from counters where scope_id = ${scope_id})`;
  return {
    changes: [{ field: "rank", from: task.rank, to: taken }],
    effects: (happened) => [takePlace(scope_id, 0, happened)],
  };
}

/** The condition that a task stands where it was read: what changes for its place goes by that. */
const standsAt = ({ id, rank }: Task): Sql => sql`exists (select 1 from tasks where id = ${id} and rank = ${rank})`;

/** The rank of a neighbour; null when the task itself is not where it was read. @throws StoaError `validation_failed` */
async function rankOf(db: Database, task: Task, id: string, path: string): Promise<string | null> {
  const other = sql`select rank from tasks where id = ${id} and ${tasksIn(task)} and deleted_at is null and id <> ${task.id}`;
  const [row] = await db.query(
    select(
      { rank: computed<string | null>(sql`(${other})`), here: computed<number>(sql`(${inPlace(task).guard})`) },
      sql``,
    ),
  );
  if (row?.here !== 1) return null;
  if (row.rank === null) throw invalid(path, "This is not another task of the same project.");
  return row.rank;
}

async function neighbour(db: Database, of: Sql, where: Sql): Promise<string | undefined> {
  const [row] = await db.query(select({ rank: computed<string | null>(of) }, sql`from ${tasks} where ${where}`));
  return row?.rank ?? undefined;
}

function invalid(path: string, message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path, message }] });
}
