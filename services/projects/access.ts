import type { Actor } from "@stoa/auth";
import { join, raw, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { ProjectRole } from "@stoa/events";

/** Roles that may change tasks. */
export const writers: readonly ProjectRole[] = ["owner", "developer"];
/** Roles that may change the project itself. */
export const owners: readonly ProjectRole[] = ["owner"];

/** What the asker may do in a project: a superuser whatever an owner may. Null: they may not see it. */
export function roleOf(actor: Actor, membership: ProjectRole | null): ProjectRole | null {
  return actor.is_superuser ? "owner" : membership;
}

/** @throws StoaError `forbidden` unless the role is one of these. */
export function requireRole(role: ProjectRole, roles: readonly ProjectRole[]): void {
  if (!roles.includes(role))
    throw new StoaError("forbidden", { detail: `This takes the role ${roles.join(" or ")} in the project.` });
}

/** The same as a guard of a command: the asker still has one of these roles when it is written. */
export function hasRole(actor: Actor, project_id: string | Sql, roles: readonly ProjectRole[]): Sql {
  if (actor.is_superuser) return raw("1");
  const list = join(
    roles.map((role) => sql`${role}`),
    ", ",
  );
  return sql`exists (select 1 from members where project_id = ${project_id} and user_id = ${actor.user_id} and role in (${list}))`;
}

/** The condition that the asker sees a project, as one of these roles. @param project_id a column */
export function seesProject(actor: Actor, project_id: Sql, roles?: readonly ProjectRole[]): Sql {
  if (actor.is_superuser) return raw("1");
  const only = roles
    ? sql` and role in (${join(
        roles.map((role) => sql`${role}`),
        ", ",
      )})`
    : raw("");
  return sql`${project_id} in (select project_id from members where user_id = ${actor.user_id}${only})`;
}
