import type { Actor } from "@stoa/auth";
import { type Database, raw, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { TaskStatus } from "@stoa/events";
import type { IfMatch } from "@stoa/http/etag";
import { changesOf } from "@stoa/http/patch";
import { retrying } from "@stoa/journal";
import { generateKeyBetween } from "fractional-indexing";
import { requireRole, writers } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { mayWrite } from "./change.ts";
import { writeEdit } from "./edit.ts";
import { endRankOf, takePlace } from "./rank.ts";
import { accessLiveTask } from "./read.ts";
import type { Task } from "./schema.ts";

/** Where to: right after one task, right before one, or to the end; and into another status at once. */
export interface Move {
  readonly status?: TaskStatus | undefined;
  readonly after_id?: string | null | undefined;
  readonly before_id?: string | null | undefined;
}

/**
 * Moves a task in its project's order (a personal one in its creator's). The order runs through all statuses, so it
 * is the order of each column of a board too.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `validation_failed` when a neighbour is not of the
 *   same project or the two are not in that order.
 */
export function moveTask(deps: StoreDeps, actor: Actor, id: string, move: Move, match?: IfMatch): Promise<Task> {
  return retrying(async () => {
    const { task, role } = await accessLiveTask(deps, actor, id);
    requireRole(role, writers);
    const place = await placeOf(deps.db, task, move);
    const changes = changesOf(task, { status: move.status, rank: place.rank }, ["status", "rank"]);
    await refuseOverlap(
      deps.db,
      match,
      task,
      id,
      changes.map(({ field }) => field),
    );
    if (changes.length === 0) return task;
    return writeEdit(deps, actor, {
      task,
      changes,
      guards: [mayWrite(actor, task), place.guard],
      fact: "task.moved",
      effects: place.effects,
    });
  });
}

interface Place {
  readonly rank: string;
  /** Nobody has come in between. */
  readonly guard: Sql;
  readonly effects: (happened: Sql) => readonly Sql[];
}

async function placeOf(db: Database, task: Task, { after_id, before_id }: Move): Promise<Place> {
  const near = scopeOf(task);
  const after = !after_id ? undefined : await rankOf(db, near, task, after_id, "/after_id");
  const before = !before_id ? undefined : await rankOf(db, near, task, before_id, "/before_id");
  if (after !== undefined && before !== undefined && after >= before) {
    throw invalid("/before_id", "The task to stand before comes earlier than the one to stand after.");
  }
  const others = sql`${near} and id <> ${task.id}`;
  const lower =
    after ??
    (before === undefined ? undefined : await neighbour(db, sql`max(rank)`, sql`${others} and rank < ${before}`));
  const upper = after === undefined ? before : await neighbour(db, sql`min(rank)`, sql`${others} and rank > ${after}`);
  // Past the last one it is a counted place, so that it never meets the next new task's.
  if (upper === undefined) return atEnd(db, task, others);
  const between = lower === undefined ? sql`rank < ${upper}` : sql`rank > ${lower} and rank < ${upper}`;
  const stands = task.rank < upper && (lower === undefined || task.rank > lower);
  const neighbours = [lower, upper].filter((rank) => rank !== undefined);
  const held = neighbours.map((rank) => sql`exists (select 1 from tasks where ${others} and rank = ${rank})`);
  return {
    rank: stands ? task.rank : generateKeyBetween(lower, upper),
    guard: sql`not exists (select 1 from tasks where ${others} and ${between})
      and ${held.reduce((all, one) => sql`${all} and ${one}`)}`,
    effects: () => [],
  };
}

async function atEnd(db: Database, task: Task, others: Sql): Promise<Place> {
  const [last] = await db.query<{ rank: string | null }>(sql`select max(rank) as rank from tasks where ${others}`);
  if (task.rank > (last?.rank ?? "")) return { rank: task.rank, guard: raw("1"), effects: () => [] };
  const scope_id = task.project_id ?? task.creator_id;
  const [counter] = await db.query<{ last_place: number }>(
    sql`select last_place from counters where scope_id = ${scope_id}`,
  );
  const place = counter?.last_place ?? 0;
  return {
    rank: endRankOf(place + 1),
    guard: sql`exists (select 1 from counters where scope_id = ${scope_id} and last_place = ${place})`,
    effects: (happened) => [takePlace(scope_id, 0, happened)],
  };
}

/** The tasks of one order, those in the trash too: they keep their places. */
function scopeOf({ project_id, creator_id }: Task): Sql {
  return project_id === null ? sql`project_id is null and creator_id = ${creator_id}` : sql`project_id = ${project_id}`;
}

async function rankOf(db: Database, near: Sql, task: Task, id: string, path: string): Promise<string> {
  const [row] = await db.query<{ rank: string }>(
    sql`select rank from tasks where id = ${id} and ${near} and deleted_at is null and id <> ${task.id}`,
  );
  if (!row) throw invalid(path, "This is not another task of the same project.");
  return row.rank;
}

async function neighbour(db: Database, of: Sql, where: Sql): Promise<string | undefined> {
  const [row] = await db.query<{ rank: string | null }>(sql`select ${of} as rank from tasks where ${where}`);
  return row?.rank ?? undefined;
}

function invalid(path: string, message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path, message }] });
}
