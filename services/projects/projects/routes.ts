import { controller, created, idempotent, ifMatch, List, operation, tagged } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { projectExample as example } from "../examples.ts";
import { changeProject } from "./change.ts";
import { createProject } from "./create.ts";
import { listProjects } from "./list.ts";
import { readProject } from "./read.ts";
import { restoreProject } from "./restore.ts";
import { NewProject, Project, ProjectParams, ProjectPatch, ProjectsQuery } from "./schema.ts";
import { trashProject } from "./trash.ts";

const common = { access: "user", tags: ["projects"] } as const;
const one = { ...common, params: ProjectParams } as const;
const changing = {
  ...one,
  summary: "Change a project",
  description:
    "A merge patch of name, description and organization_id. With If-Match, what others changed since is not overwritten.",
  body: ProjectPatch,
  answer: Project,
  errors: ["not_found", "forbidden", "key_taken", "version_conflict"],
  example: { body: { name: "Apollo 2" }, answer: { ...example, name: "Apollo 2", version: 2 } },
} as const;

/** Projects. */
export const projectRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/projects")
    .get(
      "",
      ({ actor, query }) => listProjects(deps, actor, query),
      operation({
        ...common,
        summary: "List your projects",
        query: ProjectsQuery,
        answer: List(Project),
        errors: ["invalid_cursor"],
        example: { answer: { items: [example], next_cursor: null } },
      }),
    )
    .post(
      "",
      async (context) => {
        const { actor, body, set } = context;
        const project = await idempotent(
          deps,
          context,
          (claim) => createProject(deps, actor, body, claim),
          (id) => readProject(deps.db, actor, id),
        );
        return created(set, project, `/api/v1/projects/${project.id}`);
      },
      operation({
        ...common,
        summary: "Create a project",
        description: "Whoever creates it is its owner.",
        body: NewProject,
        status: 201,
        answer: Project,
        errors: ["key_taken", "idempotency_key_reused"],
        example: { body: { name: "Apollo", description: "To the Moon" }, answer: example },
      }),
    )
    .get(
      "/:id",
      async ({ actor, params, set }) => tagged(set, await readProject(deps.db, actor, params.id)),
      operation({
        ...one,
        summary: "Read a project",
        answer: Project,
        errors: ["not_found", "forbidden"],
        example: { answer: example },
      }),
    )
    .patch(
      "/:id",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await changeProject(deps, actor, params.id, body, ifMatch(headers))),
      operation(changing),
    )
    .delete(
      "/:id",
      async ({ actor, params, headers }) => trashProject(deps, actor, params.id, ifMatch(headers)),
      operation({
        ...one,
        summary: "Move a project to the trash",
        description: "Its tasks go with it, and come back with it.",
        answer: null,
        errors: ["not_found", "forbidden", "version_conflict"],
      }),
    )
    .post(
      "/:id/restore",
      async ({ actor, params, headers, set }) =>
        tagged(set, await restoreProject(deps, actor, params.id, ifMatch(headers))),
      operation({
        ...one,
        summary: "Take a project out of the trash",
        answer: Project,
        errors: ["not_found", "forbidden", "version_conflict"],
        example: { answer: { ...example, version: 3 } },
      }),
    );
