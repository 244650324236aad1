import { Type } from "@sinclair/typebox";
import { controller, created, idempotent, ifMatch, List, operation, tagged } from "@stoa/http";
import { instead } from "@stoa/http/older";
import type { ProjectsDeps } from "../deps.ts";
import { taskExample as example, logExample } from "../examples.ts";
import { asksForChanges, listChanges } from "../sync/list-changes.ts";
import { Tombstone } from "../sync/schema.ts";
import { changeTasks } from "./bulk.ts";
import { changeTask } from "./change.ts";
import { completeTask, reopenTask } from "./complete.ts";
import { createTask } from "./create.ts";
import { listTasks } from "./list.ts";
import { listLogs } from "./logs.ts";
import { moveTask } from "./move.ts";
import { readOlder } from "./older.ts";
import { readTask } from "./read.ts";
import { restoreTask } from "./restore.ts";
import {
  NewTask,
  Task,
  TaskAssignees,
  TaskBulk,
  TaskItems,
  TaskLogEntry,
  TaskLogsQuery,
  TaskMove,
  TaskParams,
  TaskPatch,
  TasksQuery,
} from "./schema.ts";
import { trashTask } from "./trash.ts";

const TaskOrTombstone = Type.Union([Task, Tombstone], { title: "TaskOrTombstone" });

const common = { access: "user", tags: ["tasks"] } as const;
const one = { ...common, params: TaskParams } as const;

/** Tasks. */
export const taskRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/tasks")
    .get(
      "",
      ({ actor, query }) => (asksForChanges(query) ? listChanges(deps, actor, query) : listTasks(deps, actor, query)),
      operation({
        id: "tasks.list",
        ...common,
        summary: "List tasks",
        description:
          "Those of your projects and your personal ones. The filters narrow the list together; newest first unless `sort` says otherwise. With `updated_since`, what was deleted or is no longer yours to see comes as `{id, version, deleted_at}`.",
        query: TasksQuery,
        answer: List(TaskOrTombstone),
        errors: ["invalid_cursor"],
        example: { answer: { items: [example], next_cursor: null } },
      }),
    )
    .post(
      "",
      async ({ asked, actor, body, set }) => {
        const task = await idempotent(
          deps,
          asked,
          (claim) => createTask(deps, actor, body, claim),
          (id) => readTask(deps.db, actor, id),
        );
        return created(set, task, `/api/v1/tasks/${task.id}`);
      },
      operation({
        id: "tasks.create",
        ...common,
        summary: "Create a task",
        description:
          "For developers of its project. Without `project_id` the task is personal: yours alone, without key and number.",
        body: NewTask,
        status: 201,
        answer: Task,
        errors: ["not_found", "forbidden", "not_a_member", "idempotency_key_reused"],
        example: { body: { title: example.title, priority: "high", labels: example.labels }, answer: example },
      }),
    )
    .post(
      "/bulk",
      async ({ actor, body }) => ({ items: await changeTasks(deps, actor, body) }),
      operation({
        id: "tasks.bulk",
        ...common,
        summary: "Change up to 200 tasks in the same way",
        description:
          "A merge patch, for developers: all of the tasks are changed, or none. An error names the ids at fault. What the patch does not name stays, and a task that has what is wanted already keeps its version.",
        body: TaskBulk,
        answer: TaskItems,
        errors: ["not_found", "forbidden", "not_a_member"],
        example: {
          body: { ids: [example.id], patch: { priority: "urgent" } },
          answer: { items: [{ ...example, priority: "urgent", version: 2 }] },
        },
      }),
    )
    .get(
      "/:id",
      async ({ actor, params, set, older }) => {
        if (older) return instead<Task>(await readOlder(deps, actor, params.id));
        return tagged(set, await readTask(deps.db, actor, params.id));
      },
      operation({
        id: "tasks.get",
        ...one,
        summary: "Read a task",
        description:
          "A task in the trash is shown, with `deleted_at`, to those who may restore it; one of a project in the trash to those who may restore the project.",
        answer: Task,
        errors: ["not_found", "forbidden"],
        example: { answer: example },
      }),
    )
    .patch(
      "/:id",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await changeTask(deps, actor, params.id, body, ifMatch(headers))),
      operation({
        id: "tasks.update",
        ...one,
        summary: "Change a task",
        description:
          "A merge patch, for developers. With `If-Match`, a field that others have changed since is not overwritten: 412. Other fields merge. Another `project_id` moves the task there with the tasks below it, for developers of both projects: it gets a new key, the old one still finds it, and assignees who are no members there fall away.",
        body: TaskPatch,
        answer: Task,
        errors: ["not_found", "forbidden", "version_conflict", "not_a_member"],
        example: { body: { priority: "urgent" }, answer: { ...example, priority: "urgent", version: 2 } },
      }),
    )
    .delete(
      "/:id",
      ({ actor, params, headers }) => trashTask(deps, actor, params.id, ifMatch(headers)),
      operation({
        id: "tasks.delete",
        ...one,
        summary: "Move a task to the trash",
        description: "For developers. The tasks below it go with it, and come back when it is restored.",
        answer: null,
        resource: Task,
        errors: ["not_found", "forbidden", "version_conflict"],
      }),
    )
    .post(
      "/:id/restore",
      async ({ actor, params, headers, set }) =>
        tagged(set, await restoreTask(deps, actor, params.id, ifMatch(headers))),
      operation({
        id: "tasks.restore",
        ...one,
        summary: "Take a task out of the trash",
        description: "For developers. The tasks that went to the trash with it come back with it.",
        answer: Task,
        errors: ["not_found", "forbidden", "in_trash", "version_conflict"],
        example: { answer: { ...example, version: 3 } },
      }),
    )
    .patch(
      "/:id/complete",
      async ({ actor, params, headers, set }) =>
        tagged(set, await completeTask(deps, actor, params.id, ifMatch(headers))),
      operation({
        id: "tasks.complete",
        ...one,
        summary: "Complete a task",
        description: "For developers and assignees. Completing it again changes nothing.",
        answer: Task,
        errors: ["not_found", "forbidden", "version_conflict"],
        example: { answer: { ...example, status: "completed", completed_at: example.updated_at, version: 2 } },
      }),
    )
    .post(
      "/:id/reopen",
      async ({ actor, params, headers, set }) =>
        tagged(set, await reopenTask(deps, actor, params.id, ifMatch(headers))),
      operation({
        id: "tasks.reopen",
        ...one,
        summary: "Reopen a completed or cancelled task",
        description: "For developers and assignees. Its status is `pending` then. A task that is open stays as it is.",
        answer: Task,
        errors: ["not_found", "forbidden", "version_conflict"],
        example: { answer: { ...example, version: 3 } },
      }),
    )
    .patch(
      "/:id/move",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await moveTask(deps, actor, params.id, body, ifMatch(headers))),
      operation({
        id: "tasks.move",
        ...one,
        summary: "Move a task to another place or status",
        description:
          "For developers. It will stand right after `after_id`, right before `before_id`, or at the end of its status when neither is sent.",
        body: TaskMove,
        answer: Task,
        errors: ["not_found", "forbidden", "version_conflict"],
        example: { body: { status: "in_review" }, answer: { ...example, status: "in_review", version: 2 } },
      }),
    )
    .put(
      "/:id/assignees",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await changeTask(deps, actor, params.id, { assignee_ids: body.user_ids }, ifMatch(headers))),
      operation({
        id: "tasks.assignees.set",
        ...one,
        summary: "Assign a task to users",
        description: "For developers. Exactly these users, each a member of the project; an empty list takes all off.",
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
        id: "tasks.logs.list",
        ...one,
        summary: "List what happened to a task",
        description:
          "Its activity, newest first, an entry for each request: who changed which fields, from what to what. `from_text` and `to_text` have names for ids.",
        query: TaskLogsQuery,
        answer: List(TaskLogEntry),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { items: [logExample], next_cursor: null } },
      }),
    );
