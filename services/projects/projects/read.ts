import type { Actor } from "@stoa/auth";
import { composeOnce, type Database, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { allows, requireAccess } from "../access.ts";
import { selectProject, shapeProject } from "./row.ts";
import type { Project } from "./schema.ts";

/**
 * A project with its members. One in the trash is there for those who may restore it.
 *
 * @throws StoaError `not_found` when there is none; `forbidden` when the user is not a member.
 */
export async function readProject(db: Database, actor: Actor, id: string): Promise<Project> {
  const [row] = await db.query(selectProject(actor, id));
  if (!row || (row.deleted_at !== null && !allows(row.role, "manage"))) throw noSuchProject();
  requireAccess(row.role, "read");
  return shapeProject(actor, { ...row, role: row.role });
}

/** A project that is not in the trash: what may be changed. @throws StoaError `not_found`, `forbidden`. */
export async function readLiveProject(db: Database, actor: Actor, id: string): Promise<Project> {
  const project = await readProject(db, actor, id);
  if (project.deleted_at !== null) throw inTrash();
  return project;
}

const isLive = composeOnce(
  (value: (name: "id") => Sql) => sql`exists (select 1 from projects where id = ${value("id")} and deleted_at is null)`,
);

/** The part of a command that a project exists and is not in the trash. */
export function liveProject(id: string): Part {
  return {
    guard: isLive({ id }),
    why: () => new StoaError("not_found", { detail: "There is no such project, or it is in the trash." }),
  };
}

/** The part of a command that a project exists, be it in the trash. */
export function projectThere(id: string): Part {
  return { guard: sql`exists (select 1 from projects where id = ${id} and purged_at is null)`, why: noSuchProject };
}

function noSuchProject(): StoaError {
  return new StoaError("not_found", { detail: "There is no such project." });
}

function inTrash(): StoaError {
  return new StoaError("not_found", { detail: "The project is in the trash; restore it first." });
}
