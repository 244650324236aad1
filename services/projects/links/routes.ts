import { Type } from "@sinclair/typebox";
import { controller, created, idempotent, List, operation, pageQuery } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { linkExample as example } from "../examples.ts";
import { TaskParams } from "../tasks/schema.ts";
import { createLink } from "./create.ts";
import { listLinks } from "./list.ts";
import { readLink } from "./read.ts";
import { removeLink } from "./remove.ts";
import { Link, LinkParams, NewLink } from "./schema.ts";

const common = { access: "user", tags: ["tasks"] } as const;

/** Links between tasks. */
export const linkRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/tasks/:id/links")
    .get(
      "",
      ({ actor, params, query }) => listLinks(deps, actor, params.id, query),
      operation({
        id: "tasks.links.list",
        ...common,
        summary: "List a task's links",
        description:
          "In both directions, the latest first, without those to tasks in the trash. A link names tasks by id alone: you may not see each of them.",
        params: TaskParams,
        query: Type.Object(pageQuery),
        answer: List(Link),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { items: [example], next_cursor: null } },
      }),
    )
    .post(
      "",
      async (context) => {
        const { actor, body, params, set } = context;
        const { link, added } = await idempotent(
          deps,
          context,
          (claim) => createLink(deps, actor, params.id, body, claim),
          async (id) => ({ link: await readLink(deps.db, params.id, id), added: true }),
        );
        if (added) return created(set, link, `/api/v1/tasks/${params.id}/links/${link.id}`);
        set.status = 200;
        return link;
      },
      operation({
        id: "tasks.links.add",
        ...common,
        summary: "Link a task to another one",
        description:
          "For developers of the task's project who see the other task; one that is to be blocked they must be allowed to change. 200 when the link was there before. `relates_to` has no direction; `blocks` never leads back to where it began.",
        params: TaskParams,
        body: NewLink,
        status: 201,
        otherStatus: 200,
        answer: Link,
        errors: ["not_found", "forbidden", "link_cycle", "idempotency_key_reused"],
        example: { body: { type: "blocks", task_id: example.linked_task_id }, answer: example },
      }),
    )
    .delete(
      "/:link_id",
      ({ actor, params }) => removeLink(deps, actor, params.id, params.link_id),
      operation({
        id: "tasks.links.remove",
        ...common,
        summary: "Remove a link",
        description: "For developers of the project of either task, by that task.",
        params: LinkParams,
        answer: null,
        errors: ["not_found", "forbidden"],
      }),
    );
