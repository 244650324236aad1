import type { Actor } from "@stoa/auth";
import { type Database, raw, sql } from "@stoa/db";
import { notErased, type Part, retrying, unmet } from "@stoa/journal";
import { access, accessible } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { liveProject } from "../projects/read.ts";
import { type Misfit, misplaced, unassignable } from "./bulk-faults.ts";
import { readMany, refuse } from "./bulk-read.ts";
import { writeEdits } from "./edit-many.ts";
import { asMoved } from "./moved.ts";
import type { Task, TaskBulk } from "./schema.ts";
import { fits, tooDeep } from "./tree.ts";
import { changesFor, type Wanted, wantedBy } from "./wanted.ts";

/**
 * Changes up to 200 tasks in the same way, all or none of them, as if it had been done one by one, but in one batch of a
 * fixed number of statements. A task that has what is wanted already stays as it is.
 *
 * @returns the tasks, in the order of the ids
 * @throws StoaError `not_found`, `forbidden`, `not_a_member` or `validation_failed`, which name the ids at fault;
 *   `not_found` and `forbidden` for the project where they go.
 */
export function changeTasks(deps: StoreDeps, actor: Actor, { ids, patch }: TaskBulk): Promise<Task[]> {
  const { db } = deps;
  const wanted = wantedBy(patch);
  const target = patch.project_id ?? undefined;
  return retrying(db, `tasks ${actor.user_id}`, async () => {
    const read = await readMany(db, actor, ids);
    if (patch.project_id === null) {
      refuse("validation_failed", "A task of a project does not get personal", ids, (_, position) =>
        read[position]?.project_id === null ? undefined : "This task belongs to a project.",
      );
    }
    const [first, ...others] = read.filter(({ project_id }) => target !== undefined && project_id !== target);
    const roots = first && ([first, ...others] as const);
    const move = roots && target !== undefined ? { roots, target } : undefined;
    const after = move && (await asMoved(db, move.roots, move.target));
    const moved = new Map(after?.tasks.map((task) => [task.id, task]));
    const changed = read.flatMap((one) => {
      const task = moved.get(one.id) ?? one;
      const changes = changesFor(task, wanted);
      return changes.length === 0 ? [] : [{ task, changes }];
    });
    const there = move ? [liveProject(move.target), access(actor, "write", move.target)] : [];
    // Existence and rights come before what fits.
    const reason = (await unmet(db, there))?.why();
    if (reason) throw reason;
    const parts = [
      notErased(actor),
      mayChange(actor, read),
      ...there,
      ...(after ? [after.sameMembers] : []),
      ...(move
        ? [
            fits(
              move.roots.map(({ id }) => id),
              "/patch/project_id",
            ),
          ]
        : []),
      ...(await fitting(db, ids, wanted, target)),
    ];
    return writeEdits(deps, actor, { tasks: read, wanted, changed, move, parts });
  });
}

/** The part of a command that its user may still change all of these tasks; it is decided anew when not. */
function mayChange(actor: Actor, read: readonly Task[]): Part {
  const projects = [...new Set(read.flatMap(({ project_id }) => project_id ?? []))];
  return {
    guard: sql`not exists (select 1 from json_each(${JSON.stringify(projects)}) one
      where not (${accessible(actor, "write", raw("one.value"))}))`,
  };
}

/** The parts of a command that the assignees and the parent fit each of the tasks; says now which ids they do not fit. */
async function fitting(
  db: Database,
  ids: readonly string[],
  { assignee_ids, parent_id }: Wanted,
  target: string | undefined,
): Promise<Part[]> {
  const checks = [
    ...(assignee_ids === undefined || assignee_ids.length === 0 ? [] : [unassignable(ids, assignee_ids, target)]),
    ...(typeof parent_id === "string" ? [misplaced(ids, parent_id, target)] : []),
  ];
  for (const { found } of checks) {
    const faults = new Map((await db.query(found)).map(({ position, fault }) => [position, fault]));
    const members = faults.values().next().value === "assignees";
    refuse(
      members ? "not_a_member" : "validation_failed",
      "One of the tasks cannot be changed so",
      ids,
      (_, position) => {
        const fault = faults.get(position);
        return fault && messages[fault];
      },
    );
  }
  return checks.map(({ guard }) => ({ guard }));
}

const messages: Readonly<Record<Misfit["fault"], string>> = {
  assignees:
    "Not everyone can be assigned to this task: only members of its project, and its creator when it is personal.",
  parent: "The parent is not a task of the same project.",
  ring: "The parent is this task, or one below it.",
  depth: tooDeep,
};
