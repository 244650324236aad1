import type { Actor } from "@stoa/auth";
import { insertRow, newId, raw, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, type Claim, commit } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { members } from "../members/table.ts";
import { retrying } from "../retry.ts";
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
 * Makes a project; its maker is its owner.
 *
 * @throws StoaError `validation_failed` for an organization that is not known, `key_taken` when another project of
 *   the same owner has the key.
 */
export async function createProject(
  deps: StoreDeps,
  actor: Actor,
  input: NewProject,
  claim: Claim | null,
): Promise<Project> {
  if (input.organization_id) {
    throw new StoaError("validation_failed", {
      errors: [{ path: "/organization_id", message: "There is no such organization, or you are not a member." }],
    });
  }
  return retrying(() => attempt(deps, actor, input, claim));
}

async function attempt({ db, now }: StoreDeps, actor: Actor, input: NewProject, claim: Claim | null) {
  const id = newId();
  const time = now().toISOString();
  const owner_scope = actor.user_id;
  const key = input.key?.toUpperCase() ?? (await freeKey(db, owner_scope, input.name));
  const { name, description = null } = input;
  const event = append(
    actor.cause,
    {
      type: "project.created",
      aggregate_id: id,
      entity_id: id,
      time,
      data: { project_id: id, name, key, organization_id: null, owner_id: actor.user_id, version: 1 },
    },
    claim?.guard ?? raw("1"),
  );
  const row = { id, owner_scope, key, name, description, organization_id: null, creator_id: actor.user_id };
  const effects = [
    insertRow(projects, { ...row, version: 1, created_at: time, updated_at: time }, event.happened),
    insertRow(counters, { scope_id: id, last_number: 0, last_place: 0 }, event.happened),
    insertRow(members, { project_id: id, user_id: actor.user_id, role: "owner", joined_at: time }, event.happened),
    ...(claim ? [claim.record(id, event.happened)] : []),
  ];
  try {
    const { applied, rows } = await commit<ProjectRow>(db, event, effects, selectProject(actor, id));
    // The key's guard is the only one: what its first use made is looked up by who asked.
    if (!applied) throw new StoaError("idempotency_key_reused");
    return rows[0] && shapeProject(actor, rows[0]);
  } catch (error) {
    if (!violates(error, "projects.owner_scope, projects.key")) throw error;
    if (!input.key) return undefined;
    throw new StoaError("key_taken", { cause: error });
  }
}
