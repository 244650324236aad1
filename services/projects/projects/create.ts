import type { Actor } from "@stoa/auth";
import { insertRow, newId } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, notErased, type Part } from "@stoa/journal";
import { requireAccess } from "../access.ts";
import type { PeopleDeps } from "../deps.ts";
import { members } from "../members/table.ts";
import { awaitOrganization, inOrganization } from "../organizations/lookup.ts";
import { freeKey } from "./key.ts";
import { selectProject, shapeProject } from "./row.ts";
import { inOrder, type NewProject, type Project, projectDefaults } from "./schema.ts";
import { counters, projects } from "./table.ts";

/**
 * Makes a project; its maker is its owner. Any member of an organization may make one in it.
 *
 * @returns undefined when another project took the key meanwhile that its name suggested
 * @throws StoaError `validation_failed` for an organization that does not exist, `forbidden` for one that is not theirs, `key_taken` when another
 *   project of the same owner (the organization, or the user) has the key.
 */
export async function createProject(
  deps: PeopleDeps,
  actor: Actor,
  input: NewProject,
  claim: Claim,
): Promise<Project | undefined> {
  const { db, now } = deps;
  const { name, description, organization_id, timezone, working_days } = { ...projectDefaults, ...input };
  if (organization_id !== null) await awaitOrganization(deps, actor, organization_id);
  const id = newId();
  const time = now().toISOString();
  const creator_id = actor.user_id;
  const owner_scope = organization_id ?? creator_id;
  const key = input.key?.toUpperCase() ?? (await freeKey(db, owner_scope, name));
  const days = JSON.stringify(inOrder(working_days));
  const row = { id, owner_scope, key, name, description, organization_id, timezone, working_days: days, creator_id };
  const created: Part = {
    effects: (happened) => [
      insertRow(projects, { ...row, version: 1, created_at: time, updated_at: time }, happened),
      insertRow(counters, { scope_id: id, last_number: 0, last_place: 0 }, happened),
      insertRow(members, { project_id: id, user_id: creator_id, role: "owner", joined_at: time }, happened),
    ],
    constraints: {
      "projects.owner_scope, projects.key": (cause) => (input.key ? new StoaError("key_taken", { cause }) : undefined),
    },
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "project.created",
      aggregate_id: id,
      entity_id: id,
      organization_id,
      time,
      data: { project_id: id, name, key, organization_id, owner_id: creator_id, version: 1 },
    },
    [notErased(actor), ...(organization_id === null ? [] : inOrganization(actor, organization_id)), claim(id), created],
    selectProject(actor, id),
  );
  const [made] = rows ?? [];
  if (!made) return undefined;
  requireAccess(made.role, "read");
  return shapeProject(actor, { ...made, role: made.role });
}
