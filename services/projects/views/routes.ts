import { Type } from "@sinclair/typebox";
import { controller, created, idempotent, ifMatch, List, operation, pageQuery, tagged } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { viewExample as example } from "../examples.ts";
import { ProjectParams } from "../projects/schema.ts";
import { changeView } from "./change.ts";
import { createView } from "./create.ts";
import { deleteView } from "./delete.ts";
import { listViews } from "./list.ts";
import { readView } from "./read.ts";
import { NewView, View, ViewParams, ViewPatch } from "./schema.ts";

const common = { access: "user", tags: ["views"] } as const;
const one = { ...common, params: ViewParams } as const;

/** Saved views of projects. */
export const viewRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/projects/:id/views")
    .get(
      "",
      ({ actor, params, query }) => listViews(deps, actor, params.id, query),
      operation({
        id: "projects.views.list",
        ...common,
        summary: "List a project's views",
        description: "Your own and those that are shared, newest first.",
        params: ProjectParams,
        query: Type.Object(pageQuery),
        answer: List(View),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { items: [example], next_cursor: null } },
      }),
    )
    .post(
      "",
      async ({ asked, actor, body, params, set }) => {
        const view = await idempotent(
          deps,
          asked,
          (claim) => createView(deps, actor, params.id, body, claim),
          (id) => readView(deps.db, actor, params.id, id),
        );
        return created(set, view, `/api/v1/projects/${params.id}/views/${view.id}`);
      },
      operation({
        id: "projects.views.create",
        ...common,
        summary: "Save a view",
        description:
          "A filter of `GET /tasks` under a name. Whoever sees the project may keep some; sharing one takes the role developer.",
        params: ProjectParams,
        body: NewView,
        status: 201,
        answer: View,
        errors: ["not_found", "forbidden", "idempotency_key_reused"],
        example: {
          body: { name: example.name, filter: example.filter, sort: example.sort, is_shared: true },
          answer: example,
        },
      }),
    )
    .get(
      "/:view_id",
      async ({ actor, params, set }) => tagged(set, await readView(deps.db, actor, params.id, params.view_id)),
      operation({
        id: "projects.views.get",
        ...one,
        summary: "Read a view",
        description: "One of your own, or one that is shared.",
        answer: View,
        errors: ["not_found", "forbidden"],
        example: { answer: example },
      }),
    )
    .patch(
      "/:view_id",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await changeView(deps, actor, params.id, params.view_id, body, ifMatch(headers))),
      operation({
        id: "projects.views.update",
        ...one,
        summary: "Change a view",
        description:
          "A merge patch, of `filter` too: a filter that is absent stays, and null takes it away. For its creator, and where it is shared for the project's owners.",
        body: ViewPatch,
        answer: View,
        errors: ["not_found", "forbidden", "version_conflict"],
        example: { body: { name: "Late" }, answer: { ...example, name: "Late", version: 2 } },
      }),
    )
    .delete(
      "/:view_id",
      async ({ actor, params, headers }) => deleteView(deps, actor, params.id, params.view_id, ifMatch(headers)),
      operation({
        id: "projects.views.delete",
        ...one,
        summary: "Delete a view",
        description: "For its creator, and where it is shared for the project's owners.",
        answer: null,
        resource: View,
        errors: ["not_found", "forbidden", "version_conflict"],
      }),
    );
