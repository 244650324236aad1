import { newId } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { ProjectRole } from "@stoa/events";
import { allows, requireAccess } from "../access.ts";
import { suggestKey } from "../projects/key.ts";
import { inOrder, projectDefaults } from "../projects/schema.ts";
import { type Draft, type Outcome, recordOf, referTo, remember } from "./draft.ts";
import { type Merged, merge, type Values } from "./merge.ts";
import type { DataProject } from "./schema.ts";
import type { ImportRecord, ProjectState } from "./states.ts";

type Roles = ReadonlyMap<string, ProjectRole>;

/**
 * Makes a project, or changes the one that the external id is here: its name, its description, and its members' roles.
 *
 * @throws StoaError `not_found` for a member, `forbidden`, `key_taken`, `last_owner`, `validation_failed`
 */
export function decideProject(draft: Draft, given: DataProject): Outcome {
  const wanted = rolesIn(draft, given);
  const record = recordOf(draft, "project", given.external_id);
  const project = record && draft.known.projects.get(record.entity_id);
  if (record && !project && !draft.overwrite) return keptInTrash(record);
  return record && project ? change(draft, given, record, project, wanted) : create(draft, given, wanted);
}

/** The fields that the item gives besides its name, as they are kept: null is what a new project has. */
function fieldsOf({ description, timezone, working_days }: DataProject): Partial<Pick<ProjectState, Given>> {
  const { timezone: zone, working_days: days } = projectDefaults;
  return {
    ...(description !== undefined && { description }),
    ...(timezone !== undefined && { timezone: timezone ?? zone }),
    ...(working_days !== undefined && { working_days: inOrder(working_days ?? days) }),
  };
}

type Given = "description" | "timezone" | "working_days";

/** What people have deleted here is not made again. */
export function keptInTrash({ entity_id }: Pick<ImportRecord, "entity_id">): Outcome {
  return { id: entity_id, outcome: "unchanged", kept: ["deleted_at"] };
}

function create(draft: Draft, given: DataProject, wanted: Roles): Outcome {
  const { actor, batch, known } = draft;
  const key = keyFor(known.keys, given);
  const id = newId();
  const fields = { ...projectDefaults, ...fieldsOf(given), name: given.name };
  const { name, description, timezone, working_days } = fields;
  const owners = new Map<string, ProjectRole>([[actor.user_id, "owner"]]);
  requireOwner(draft, owners, wanted);
  known.keys.add(key);
  known.members.set(id, owners);
  const made = {
    id,
    key,
    ...{ name, description, timezone, working_days },
    organization_id: null,
    version: 1,
    deleted_at: null,
    role: "owner",
  } as const;
  batch.newProjects.set(id, made);
  batch.members.push({ project_id: id, user_id: actor.user_id, role: "owner" });
  const data = { project_id: id, name, key, organization_id: null, owner_id: actor.user_id, version: 1 };
  batch.say("project.created", about(made), data);
  known.projects.set(id, setRoles(draft, made, wanted));
  remember(draft, "project", given.external_id, id, { ...fieldsOf(given), name, description, ...remembered(wanted) });
  return { id, outcome: "created" };
}

function change(draft: Draft, given: DataProject, record: ImportRecord, project: ProjectState, wanted: Roles): Outcome {
  const { batch, known, overwrite } = draft;
  const { id } = project;
  requireAccess(project.role, "read");
  if (project.deleted_at !== null) {
    if (allows(project.role, "manage")) return keptInTrash(record);
    throw new StoaError("not_found", { detail: "The project is in the trash." });
  }
  if (given.key && given.key.toUpperCase() !== project.key) {
    throw new StoaError("validation_failed", { errors: [{ path: "/key", message: "A key never changes." }] });
  }
  const { name, description, timezone, working_days } = project;
  const present = { name, description, timezone, working_days };
  const fields = merge(present, record.values, { name: given.name, ...fieldsOf(given) }, overwrite);
  const roles = known.members.get(id) ?? new Map();
  const members = mergeRoles(roles, record.values, wanted, overwrite);
  const kept = [...fields.kept, ...(members.kept.length > 0 ? ["members"] : [])];
  const values = { ...record.values, ...fields.remembered, ...members.remembered };
  if (fields.changes.length === 0 && members.changes.length === 0) {
    if (fields.remembered || members.remembered) remember(draft, "project", given.external_id, id, values);
    return { id, outcome: "unchanged", ...(kept.length > 0 && { kept }) };
  }
  requireAccess(project.role, "manage");
  const changed = new Map(members.changes.map(({ field, to }) => [field.slice(PREFIX.length), to as ProjectRole]));
  requireOwner(draft, roles, changed);
  batch.require("manage", id);
  batch.dependOnProject(project);
  let now = project;
  if (fields.changes.length > 0) {
    now = {
      ...now,
      ...Object.fromEntries(fields.changes.map(({ field, to }) => [field, to])),
      version: now.version + 1,
    };
    const data = { project_id: id, name: now.name, version: now.version, changes: [...fields.changes] };
    batch.say("project.updated", about(now), data);
  }
  known.projects.set(id, setRoles(draft, now, changed));
  remember(draft, "project", given.external_id, id, values);
  return { id, outcome: "updated", ...(kept.length > 0 && { kept }) };
}

/** What every event of a project has beside its own fields. */
const about = ({ id, organization_id }: ProjectState) => ({ aggregate_id: id, entity_id: id, organization_id });

/** Gives members their roles, each with its event. Returns the project as it is then, which is written. */
function setRoles({ batch, known }: Draft, project: ProjectState, wanted: Roles): ProjectState {
  const roles = known.members.get(project.id) ?? new Map<string, ProjectRole>();
  let now = project;
  for (const [user_id, role] of wanted) {
    const before = roles.get(user_id);
    if (before === role) continue;
    now = { ...now, version: now.version + 1 };
    const data = { project_id: now.id, name: now.name, version: now.version, user_id };
    if (before === undefined) batch.say("project.member_added", about(now), { ...data, role });
    else batch.say("project.member_role_changed", about(now), { ...data, from: before, to: role });
    roles.set(user_id, role);
    batch.people.add(user_id);
    batch.members.push({ project_id: now.id, user_id, role });
  }
  if (batch.newProjects.has(now.id)) batch.newProjects.set(now.id, now);
  else batch.projects.set(now.id, now);
  return now;
}

/** Members' roles are remembered as fields of their own, one for each member. */
const PREFIX = "members/";

const remembered = (roles: Roles): Values =>
  Object.fromEntries([...roles].map(([user_id, role]) => [PREFIX + user_id, role]));

function mergeRoles(roles: Roles, last: Values, wanted: Roles, overwrite: boolean): Merged {
  return merge(remembered(roles), last, remembered(wanted), overwrite);
}

/** The roles that the item gives, by user. @throws StoaError `not_found`, `validation_failed` */
function rolesIn(draft: Draft, { members }: DataProject): Roles {
  const roles = new Map<string, ProjectRole>();
  for (const [index, { user, role }] of (members ?? []).entries()) {
    const path = `/members/${index}/user`;
    const user_id = referTo(draft, "user", user, path);
    if (roles.has(user_id)) {
      throw new StoaError("validation_failed", { errors: [{ path, message: "This user has a role already." }] });
    }
    roles.set(user_id, role);
  }
  return roles;
}

/** @throws StoaError `last_owner` when an owner would lose the role, and no active one would be left */
function requireOwner({ known }: Draft, roles: Roles, wanted: Roles): void {
  const loses = [...wanted].some(([user_id, role]) => role !== "owner" && roles.get(user_id) === "owner");
  const after = [...new Map([...roles, ...wanted])];
  const stays = after.some(([user_id, role]) => role === "owner" && !known.inactive.has(user_id));
  if (loses && !stays) throw new StoaError("last_owner");
}

/** The key that is given, or the first free one that the name suggests. @throws StoaError `key_taken` */
function keyFor(taken: ReadonlySet<string>, { key, name }: DataProject): string {
  const given = key?.toUpperCase();
  if (given !== undefined && taken.has(given)) throw new StoaError("key_taken");
  if (given !== undefined) return given;
  const base = suggestKey(name);
  if (!taken.has(base)) return base;
  for (let suffix = 2; ; suffix++) {
    if (!taken.has(`${base}${suffix}`)) return `${base}${suffix}`;
  }
}
