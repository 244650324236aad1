import type { Actor } from "@stoa/auth";
import { all, insertRow, newId, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, type Claim, commit, retrying } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";
import { members } from "../members/table.ts";
import { mayUseOrganization, requireOrganization } from "../organizations/lookup.ts";
import { freeKey } from "./key.ts";
import type { Project } from "./schema.ts";
import { type ProjectRow, selectProject, shapeProject } from "./shape.ts";
import { counters, projects } from "./table.ts";

/** A project to be. */
export interface NewProject {
  readonly name: string;
  readonly description?: string | null | undefined;
  /** In any case, kept in capitals; derived from the name when absent. */
  readonly key?: string | null | undefined;
  readonly organization_id?: string | null | undefined;
}

/**
 * Makes a project; its maker is its owner. Any member of an organization may make one in it.
 *
 * @throws StoaError `validation_failed` for an organization that is not known or not theirs, `key_taken` when another
 *   project of the same owner (the organization, or the user) has the key.
 */
export async function createProject(
  deps: PeopleDeps,
  actor: Actor,
  input: NewProject,
  claim: Claim | null,
): Promise<Project> {
  return retrying(() => attempt(deps, actor, input, claim));
}

async function attempt(deps: PeopleDeps, actor: Actor, input: NewProject, claim: Claim | null) {
  const { db, now } = deps;
  const { organization_id = null } = input;
  if (organization_id !== null) await requireOrganization(deps, actor, organization_id);
  const id = newId();
  const time = now().toISOString();
  const owner_scope = organization_id ?? actor.user_id;
  const key = input.key?.toUpperCase() ?? (await freeKey(db, owner_scope, input.name));
  const { name, description = null } = input;
  const event = append(
    actor.cause,
    {
      type: "project.created",
      aggregate_id: id,
      entity_id: id,
      organization_id,
      time,
      data: { project_id: id, name, key, organization_id, owner_id: actor.user_id, version: 1 },
    },
    all([
      ...(organization_id === null ? [] : [mayUseOrganization(actor, organization_id)]),
      ...(claim ? [claim.guard] : []),
    ]),
  );
  const row = { id, owner_scope, key, name, description, organization_id, creator_id: actor.user_id };
  const effects = [
    insertRow(projects, { ...row, version: 1, created_at: time, updated_at: time }, event.happened),
    insertRow(counters, { scope_id: id, last_number: 0, last_place: 0 }, event.happened),
    insertRow(members, { project_id: id, user_id: actor.user_id, role: "owner", joined_at: time }, event.happened),
    ...(claim ? [claim.record(id, event.happened)] : []),
  ];
  try {
    const { applied, rows } = await commit<ProjectRow>(db, event, effects, selectProject(actor, id));
    if (!applied) {
      if (organization_id !== null) await requireOrganization(deps, actor, organization_id);
      // What the key's first use made is looked up by who asked.
      if (claim) throw new StoaError("idempotency_key_reused");
      return undefined;
    }
    return rows[0] && shapeProject(actor, rows[0]);
  } catch (error) {
    if (!violates(error, "projects.owner_scope, projects.key")) throw error;
    if (!input.key) return undefined;
    throw new StoaError("key_taken", { cause: error });
  }
}
