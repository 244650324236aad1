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

/** Projects. */
export const projectRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/projects")
    .get(
      "",
      ({ actor, query }) => listProjects(deps, actor, query),
      operation({
        id: "projects.list",
        ...common,
        summary: "List your projects",
        description: "Those that you are a member of, newest first, each with its members and your own role.",
        query: ProjectsQuery,
        answer: List(Project),
        errors: ["invalid_cursor"],
        example: { answer: { items: [example], next_cursor: null } },
      }),
    )
    .post(
      "",
      async ({ asked, actor, body, set }) => {
        const project = await idempotent(
          deps,
          asked,
          (claim) => createProject(deps, actor, body, claim),
          (id) => readProject(deps.db, actor, id),
        );
        return created(set, project, `/api/v1/projects/${project.id}`);
      },
      operation({
        id: "projects.create",
        ...common,
        summary: "Create a project",
        description: "You become its owner. The key is made from the name unless it is given.",
        body: NewProject,
        status: 201,
        answer: Project,
        errors: ["forbidden", "key_taken", "idempotency_key_reused"],
        example: { body: { name: "Apollo", description: "To the Moon" }, answer: example },
      }),
    )
    .get(
      "/:id",
      async ({ actor, params, set }) => tagged(set, await readProject(deps.db, actor, params.id)),
      operation({
        id: "projects.get",
        ...one,
        summary: "Read a project",
        description: "For members. `role` is your own.",
        answer: Project,
        errors: ["not_found", "forbidden"],
        example: { answer: example },
      }),
    )
    .patch(
      "/:id",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await changeProject(deps, actor, params.id, body, ifMatch(headers))),
      operation({
        id: "projects.update",
        ...one,
        summary: "Change a project",
        description:
          "A merge patch, for owners. Taking it out of its organization, or to another, is for owners and admins of that organization. With `If-Match`, a field that others have changed since is not overwritten: 412. Other fields merge.",
        body: ProjectPatch,
        answer: Project,
        errors: ["not_found", "forbidden", "key_taken", "version_conflict"],
        example: { body: { name: "Apollo 2" }, answer: { ...example, name: "Apollo 2", version: 2 } },
      }),
    )
    .delete(
      "/:id",
      async ({ actor, params, headers }) => trashProject(deps, actor, params.id, ifMatch(headers)),
      operation({
        id: "projects.delete",
        ...one,
        summary: "Move a project to the trash",
        description: "For owners. Its tasks go with it, and come back when it is restored.",
        answer: null,
        resource: Project,
        errors: ["not_found", "forbidden", "version_conflict"],
      }),
    )
    .post(
      "/:id/restore",
      async ({ actor, params, headers, set }) =>
        tagged(set, await restoreProject(deps, actor, params.id, ifMatch(headers))),
      operation({
        id: "projects.restore",
        ...one,
        summary: "Take a project out of the trash",
        description: "For owners. The tasks that went to the trash with it come back with it.",
        answer: Project,
        errors: ["not_found", "forbidden", "version_conflict"],
        example: { answer: { ...example, version: 3 } },
      }),
    );
