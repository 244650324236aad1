import type { Actor } from "@stoa/auth";
import { composeOnce, join, newId, raw, type Sql, type SqlValue, sql } from "@stoa/db";
import type { Change } from "@stoa/events";
import { type Claim, command, type Part } from "@stoa/journal";
import { accessToTask } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { liveProject } from "../projects/read.ts";
import { assignable, insertCollection } from "./collections.ts";
import { endRank, takePlace } from "./rank.ts";
import { selectTask, shapeTask } from "./row.ts";
import { type NewTask, type Task, taskDefaults, taskFields } from "./schema.ts";
import { type TaskScope, unique } from "./scope.ts";
import { timesOf } from "./status.ts";
import { parent } from "./tree.ts";

/**
 * Makes a task at the end of its project's order, with the project's next number. It reads nothing beforehand: the guards
 * of its parts decide, and only when they refuse is it asked which. The running service puts it into the search index
 * afterwards; until then a search looks at it by itself.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `not_found` for the project, `forbidden`, `not_a_member`, `validation_failed` for the parent.
 */
export async function createTask(
  { db, now }: StoreDeps,
  actor: Actor,
  { project_id = null, title, ...input }: NewTask,
  claim: Claim,
): Promise<Task | undefined> {
  const id = newId();
  const time = now().toISOString();
  const fields = {
    title,
    ...taskDefaults,
    ...input,
    assignee_ids: unique(input.assignee_ids),
    labels: unique(input.labels),
  };
  const scope: TaskScope = { id: null, project_id, creator_id: actor.user_id };
  const scope_id = project_id ?? actor.user_id;
  const { status, priority, assignee_ids, labels } = fields;
  const row = {
    ...fields,
    id,
    project_id,
    creator_id: actor.user_id,
    assignee_ids: JSON.stringify(assignee_ids),
    labels: JSON.stringify(labels),
    version: 1,
    created_at: time,
    updated_at: time,
    ...timesOf(status, { status: "pending", started_at: null, completed_at: null }, time),
  };
  const placed: Part = {
    effects: (happened) => [
      takePlace(scope_id, project_id === null ? 0 : 1, happened),
      sql`${insertTask(row, scope_id)} and ${happened}`,
      ...insertCollection("assignee_ids", id, assignee_ids, happened),
      ...insertCollection("labels", id, labels, happened),
    ],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "task.created",
      aggregate_id: scope_id,
      entity_id: id,
      time,
      data: {
        task_id: id,
        project_id,
        key: project_id === null ? null : nextKey({ project_id }),
        title,
        status,
        priority,
        assignee_ids,
        version: 1,
        changes: changesFromNothing(fields),
      },
    },
    [
      ...(project_id === null ? [] : [liveProject(project_id)]),
      accessToTask(actor, scope),
      assignable(assignee_ids, scope),
      ...parent(input.parent_id, scope),
      claim(id),
      placed,
    ],
    selectTask(id),
  );
  return rows?.[0] && shapeTask(rows[0]);
}

/** What a new task is given; the rest it has from its scope's counter. */
const given = [
  ...taskFields,
  ...(["id", "project_id", "creator_id", "version", "created_at", "updated_at", "started_at", "completed_at"] as const),
] as const;

type Given = (typeof given)[number];

/** Written out rather than by `insertRow`: what the counter gives is read once, not by a subquery for each use. */
const insertAt = (number: string, key: string) =>
  composeOnce(
    (
      value: (name: Given | "scope_id") => Sql,
    ) => sql`insert into tasks (${raw(given.join(", "))}, scope, number, key, rank)
      select ${join(given.map(value), ", ")}, c.row, ${raw(number)}, ${raw(key)}, ${endRank(raw("c.last_place"))}
      from counters c left join projects p on p.id = c.scope_id where c.scope_id = ${value("scope_id")}`,
  );
const inProject = insertAt("c.last_number", "p.key || '-' || c.last_number");
const ofUser = insertAt("null", "null");

function insertTask(row: Readonly<Record<Given, SqlValue>>, scope_id: string): Sql {
  const values = { ...row, scope_id };
  return row.project_id === null ? ofUser(values) : inProject(values);
}

/** The key that the next task of a project will have, for its event, which is written before the counter moves. */
const nextKey = composeOnce(
  (value: (name: "project_id") => Sql) => sql`(select p.key || '-' || (c.last_number + 1)
    from counters c join projects p on p.id = c.scope_id where c.scope_id = ${value("project_id")})`,
);

/** The fields that a new task was given, as changes from nothing. */
export function changesFromNothing(fields: Readonly<Record<string, unknown>>): Change[] {
  const changes: Change[] = [];
  for (const field in fields) {
    const to = fields[field];
    if (to !== null && !(Array.isArray(to) && to.length === 0)) changes.push({ field, from: null, to });
  }
  return changes;
}
