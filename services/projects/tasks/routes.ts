import { Type } from "@sinclair/typebox";
import { controller, created, idempotent, ifMatch, List, operation, pageQuery, tagged } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { taskExample as example, logExample } from "../examples.ts";
import { changeTask } from "./change.ts";
import { completeTask, reopenTask } from "./complete.ts";
import { createTask } from "./create.ts";
import { listTasks } from "./list.ts";
import { listLogs } from "./logs.ts";
import { moveTask } from "./move.ts";
import { readTask } from "./read.ts";
import { restoreTask } from "./restore.ts";
import { NewTask, Task, TaskAssignees, TaskLogEntry, TaskMove, TaskParams, TaskPatch, TasksQuery } from "./schema.ts";
import { trashTask } from "./trash.ts";

const common = { access: "user", tags: ["tasks"] } as const;
const one = { ...common, params: TaskParams } as const;
const changing = {
  ...one,
  summary: "Change a task",
  description: "A merge patch. With If-Match, what others changed since is not overwritten; other fields merge.",
  body: TaskPatch,
  answer: Task,
  errors: ["not_found", "forbidden", "version_conflict", "not_a_member"],
  example: { body: { priority: "urgent" }, answer: { ...example, priority: "urgent", version: 2 } },
} as const;

const completing = {
  ...one,
  summary: "Complete a task",
  description: "Developers may, and whom it is assigned to. Again changes nothing.",
  answer: Task,
  errors: ["not_found", "forbidden", "version_conflict"],
  example: { answer: { ...example, status: "completed", completed_at: example.updated_at, version: 2 } },
} as const;
const moving = {
  ...one,
  summary: "Move a task in the order",
  description: "Right after one task, or right before one; to the end without either.",
  body: TaskMove,
  answer: Task,
  errors: ["not_found", "forbidden", "version_conflict"],
  example: { body: { status: "in_review" }, answer: { ...example, status: "in_review", version: 2 } },
} as const;

/** Tasks. */
export const taskRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/tasks")
    .get(
      "",
      ({ actor, query }) => listTasks(deps, actor, query),
      operation({
        ...common,
        summary: "List tasks",
        description: "Those of your projects and your personal ones.",
        query: TasksQuery,
        answer: List(Task),
        errors: ["invalid_cursor"],
        example: { answer: { items: [example], next_cursor: null } },
      }),
    )
    .post(
      "",
      async (context) => {
        const { actor, body, set } = context;
        const task = await idempotent(
          deps,
          context,
          (claim) => createTask(deps, actor, body, claim),
          (id) => readTask(deps.db, actor, id),
        );
        return created(set, task, `/api/v1/tasks/${task.id}`);
      },
      operation({
        ...common,
        summary: "Create a task",
        body: NewTask,
        status: 201,
        answer: Task,
        errors: ["not_found", "forbidden", "not_a_member", "idempotency_key_reused"],
        example: { body: { title: example.title, project_id: example.project_id, priority: "high" }, answer: example },
      }),
    )
    .get(
      "/:id",
      async ({ actor, params, set }) => tagged(set, await readTask(deps.db, actor, params.id)),
      operation({
        ...one,
        summary: "Read a task",
        answer: Task,
        errors: ["not_found", "forbidden"],
        example: { answer: example },
      }),
    )
    .patch(
      "/:id",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await changeTask(deps, actor, params.id, body, ifMatch(headers))),
      operation(changing),
    )
    .delete(
      "/:id",
      ({ actor, params, headers }) => trashTask(deps, actor, params.id, ifMatch(headers)),
      operation({
        ...one,
        summary: "Move a task to the trash",
        description: "The tasks below it go with it, and come back with it.",
        answer: null,
        errors: ["not_found", "forbidden", "version_conflict"],
      }),
    )
    .post(
      "/:id/restore",
      async ({ actor, params, headers, set }) =>
        tagged(set, await restoreTask(deps, actor, params.id, ifMatch(headers))),
      operation({
        ...one,
        summary: "Take a task out of the trash",
        answer: Task,
        errors: ["not_found", "forbidden", "in_trash", "version_conflict"],
        example: { answer: { ...example, version: 3 } },
      }),
    )
    .patch(
      "/:id/complete",
      async ({ actor, params, headers, set }) =>
        tagged(set, await completeTask(deps, actor, params.id, ifMatch(headers))),
      operation(completing),
    )
    .post(
      "/:id/reopen",
      async ({ actor, params, headers, set }) =>
        tagged(set, await reopenTask(deps, actor, params.id, ifMatch(headers))),
      operation({
        ...one,
        summary: "Take a completed or cancelled task up again",
        description: "It is pending then. An open one stays as it is.",
        answer: Task,
        errors: ["not_found", "forbidden", "version_conflict"],
        example: { answer: { ...example, version: 3 } },
      }),
    )
    .patch(
      "/:id/move",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await moveTask(deps, actor, params.id, body, ifMatch(headers))),
      operation(moving),
    )
    .put(
      "/:id/assignees",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await changeTask(deps, actor, params.id, { assignee_ids: body.user_ids }, ifMatch(headers))),
      operation({
        ...one,
        summary: "Say who a task is assigned to",
        body: TaskAssignees,
        answer: Task,
        errors: ["not_found", "forbidden", "not_a_member", "version_conflict"],
        example: { body: { user_ids: example.assignee_ids }, answer: { ...example, version: 2 } },
      }),
    )
    .get(
      "/:id/logs",
      ({ actor, params, query }) => listLogs(deps, actor, params.id, query),
      operation({
        ...one,
        summary: "Read what happened to a task",
        query: Type.Object(pageQuery),
        answer: List(TaskLogEntry),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { items: [logExample], next_cursor: null } },
      }),
    );
