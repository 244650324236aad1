import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import type { StoreDeps } from "../deps.ts";
import type { Project } from "./schema.ts";
import { type ProjectRow, selectProject, shapeProject } from "./shape.ts";

/**
 * A project with its members. One in the trash is there for who may restore it.
 *
 * @throws StoaError `not_found` when there is none, or the asker is not a member.
 */
export async function readProject({ db }: Pick<StoreDeps, "db">, actor: Actor, id: string): Promise<Project> {
  const [row] = await db.query<ProjectRow>(selectProject(actor, id));
  const project = row && shapeProject(actor, row);
  if (!project) throw new StoaError("not_found", { detail: "There is no such project, or you are not a member." });
  return project;
}

/** A project that is not in the trash: what may be changed. @throws StoaError `not_found`. */
export async function readLiveProject(deps: Pick<StoreDeps, "db">, actor: Actor, id: string): Promise<Project> {
  const project = await readProject(deps, actor, id);
  if (project.deleted_at !== null)
    throw new StoaError("not_found", { detail: "The project is in the trash; restore it first." });
  return project;
}
