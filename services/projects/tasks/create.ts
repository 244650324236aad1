import type { Actor } from "@stoa/auth";
import { all, newId, prepared, raw, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Change, TaskPriority, TaskStatus } from "@stoa/events";
import { append, type Claim, commit, retrying } from "@stoa/journal";
import { hasRole, requireRole, writers } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { readLiveProject } from "../projects/read.ts";
import { requireAssignable } from "./assignable.ts";
import { insertEach, membersOnly } from "./lists.ts";
import { mayBeParent, requireParent } from "./parent.ts";
import { endRank, takePlace } from "./rank.ts";
import type { Task } from "./schema.ts";
import { type StoredTask, shapeTask } from "./shape.ts";
import { timesOf } from "./status.ts";

/** A task to be. Without a project it is personal. */
export interface NewTask {
  readonly title: string;
  readonly description?: string | null | undefined;
  readonly status?: TaskStatus | undefined;
  readonly priority?: TaskPriority | undefined;
  readonly project_id?: string | null | undefined;
  readonly parent_id?: string | null | undefined;
  readonly assignee_ids?: readonly string[] | undefined;
  /** RFC 3339, UTC, milliseconds. */
  readonly due_at?: string | null | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly estimate_minutes?: number | null | undefined;
}

/**
 * Makes a task at the end of its project's order, with the project's next number.
 *
 * It reads nothing beforehand: the guards of its one batch decide, and only when they refuse is it found out why.
 *
 * @throws StoaError `not_found` for the project, `forbidden`, `not_a_member`, `validation_failed` for the parent.
 */
export async function createTask(deps: StoreDeps, actor: Actor, input: NewTask, claim: Claim | null): Promise<Task> {
  return retrying(async () => (await attempt(deps, actor, input, claim)) ?? refusal(deps, actor, input, claim));
}

async function attempt(
  { db, now }: StoreDeps,
  actor: Actor,
  { project_id = null, parent_id = null, ...input }: NewTask,
  claim: Claim | null,
): Promise<Task | undefined> {
  const id = newId();
  const time = now().toISOString();
  const { user_id } = actor;
  const scope_id = project_id ?? user_id;
  const {
    title,
    description = null,
    status = "pending",
    priority = "medium",
    due_at = null,
    estimate_minutes = null,
  } = input;
  const assignee_ids = [...new Set(input.assignee_ids)];
  const labels = [...new Set(input.labels)];
  if (project_id === null && assignee_ids.some((one) => one !== user_id)) return undefined;
  const fields = { title, description, status, priority, parent_id, assignee_ids, labels, due_at, estimate_minutes };
  const event = append(
    actor.cause,
    {
      type: "task.created",
      aggregate_id: scope_id,
      entity_id: id,
      time,
      data: {
        task_id: id,
        project_id,
        key: nextKey(project_id),
        title,
        status,
        priority,
        assignee_ids,
        version: 1,
        changes: made(fields),
      },
    },
    all([
      ...(project_id === null ? [] : mayAddTo(actor, project_id, assignee_ids)),
      ...(parent_id === null ? [] : [mayBeParent(parent_id, { id: null, project_id, creator_id: user_id })]),
      ...(claim ? [claim.guard] : []),
    ]),
  );
  const { happened } = event;
  const known = {
    ...fields,
    id,
    project_id,
    creator_id: user_id,
    assignee_ids: JSON.stringify(assignee_ids),
    labels: JSON.stringify(labels),
    version: 1,
    created_at: time,
    updated_at: time,
    deleted_at: null,
    ...timesOf(status, { status: "pending", started_at: null, completed_at: null }, time),
  };
  const { applied, rows } = await commit<Placed>(
    db,
    event,
    [
      takePlace(scope_id, project_id === null ? 0 : 1, happened),
      insertTask(known, scope_id, happened),
      ...insertEach("task_assignees", "user_id", id, assignee_ids, happened),
      ...insertEach("task_labels", "label", id, labels, happened),
      ...(claim ? [claim.record(id, happened)] : []),
    ],
    // Everything else is known here.
    sql`select number, key, rank from tasks where id = ${id}`,
  );
  return applied && rows[0] ? shapeTask({ ...known, ...rows[0] }) : undefined;
}

/** What the database gives a new task. */
type Placed = Pick<StoredTask, "number" | "key" | "rank">;

/** Written out rather than by `insertRow`: what the counter gives is read once, not by a subquery for each use. */
function insertTask(known: Omit<StoredTask, keyof Placed>, scope_id: string, happened: Sql): Sql {
  const names = Object.keys(known);
  const values = prepared(names.map(() => "?").join(", "), Object.values(known));
  const place = raw(known.project_id === null ? "null, null" : "c.last_number, p.key || '-' || c.last_number");
  return sql`insert into tasks (${raw(names.join(", "))}, number, key, rank)
    select ${values}, ${place}, ${endRank(raw("c.last_place"))}
    from counters c left join projects p on p.id = c.scope_id where c.scope_id = ${scope_id} and ${happened}`;
}

/** The key that the next task will have, for its fact, which is written before the counter moves. */
function nextKey(project_id: string | null): Sql | null {
  if (project_id === null) return null;
  return sql`(select p.key || '-' || (c.last_number + 1) from counters c join projects p on p.id = c.scope_id
    where c.scope_id = ${project_id})`;
}

function mayAddTo(actor: Actor, project_id: string, assignee_ids: readonly string[]): Sql[] {
  return [
    sql`exists (select 1 from projects where id = ${project_id} and deleted_at is null)`,
    hasRole(actor, project_id, writers),
    membersOnly(project_id, assignee_ids),
  ];
}

/** The fields that a new task was given, as changes from nothing. */
function made(fields: object): Change[] {
  return Object.entries(fields).flatMap(([field, to]: [string, unknown]) =>
    to === null || (Array.isArray(to) && to.length === 0) ? [] : [{ field, from: null, to }],
  );
}

/** Says why a task was not made; undefined when nothing stands in its way any more. */
async function refusal(deps: StoreDeps, actor: Actor, input: NewTask, claim: Claim | null): Promise<undefined> {
  const { project_id = null, parent_id, assignee_ids = [] } = input;
  const place = { id: null, project_id, creator_id: actor.user_id };
  if (project_id !== null) requireRole((await readLiveProject(deps, actor, project_id)).role, writers);
  await requireAssignable(deps.db, [...new Set(assignee_ids)], place);
  await requireParent(deps.db, parent_id, place);
  // The key was used up meanwhile: who asked looks up by whom.
  if (claim) throw new StoaError("idempotency_key_reused");
  return undefined;
}
