import { Type } from "@sinclair/typebox";
import { controller, created, idempotent, List, operation, pageQuery } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { worklogExample as example } from "../examples.ts";
import { TaskParams } from "../tasks/schema.ts";
import { changeWork } from "./change.ts";
import { listWork } from "./list.ts";
import { readWorklog } from "./read.ts";
import { recordWork } from "./record.ts";
import { removeWork } from "./remove.ts";
import { NewWorklog, Worklog, WorklogParams, WorklogPatch } from "./schema.ts";

const common = { access: "user", tags: ["tasks"] } as const;

/** The work logs of tasks. */
export const worklogRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/tasks/:id/worklogs")
    .get(
      "",
      ({ actor, params, query }) => listWork(deps, actor, params.id, query),
      operation({
        id: "tasks.worklogs.list",
        ...common,
        summary: "List the work on a task",
        description: "Everyone's entries, the latest first. Their sum is the task's `logged_minutes`.",
        params: TaskParams,
        query: Type.Object(pageQuery),
        answer: List(Worklog),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { items: [example], next_cursor: null } },
      }),
    )
    .post(
      "",
      async ({ asked, actor, body, params, set }) => {
        const worklog = await idempotent(
          deps,
          asked,
          (claim) => recordWork(deps, actor, params.id, body, claim),
          (id) => readWorklog(deps.db, params.id, id),
        );
        return created(set, worklog, `/api/v1/tasks/${params.id}/worklogs/${worklog.id}`);
      },
      operation({
        id: "tasks.worklogs.add",
        ...common,
        summary: "Record your work on a task",
        description:
          "For developers and assignees. Work of an earlier day counts on that day. The task's version stays as it is.",
        params: TaskParams,
        body: NewWorklog,
        status: 201,
        answer: Worklog,
        errors: ["not_found", "forbidden", "idempotency_key_reused"],
        example: { body: { minutes: 45, note: example.note, spent_on: example.spent_on }, answer: example },
      }),
    )
    .patch(
      "/:worklog_id",
      ({ actor, params, body }) => changeWork(deps, actor, params.id, params.worklog_id, body),
      operation({
        id: "tasks.worklogs.update",
        ...common,
        summary: "Change an entry of your work",
        description: "A merge patch, for developers and assignees: nobody changes what others have recorded.",
        params: WorklogParams,
        body: WorklogPatch,
        answer: Worklog,
        errors: ["not_found", "forbidden"],
        example: { body: { minutes: 60 }, answer: { ...example, minutes: 60 } },
      }),
    )
    .delete(
      "/:worklog_id",
      ({ actor, params }) => removeWork(deps, actor, params.id, params.worklog_id),
      operation({
        id: "tasks.worklogs.remove",
        ...common,
        summary: "Remove an entry of your work",
        description: "For developers and assignees: nobody removes what others have recorded.",
        params: WorklogParams,
        answer: null,
        errors: ["not_found", "forbidden"],
      }),
    );
