import type { Actor } from "@stoa/auth";
import { among, computed, type Database, select, sql } from "@stoa/db";
import { type ErrorCode, type FieldError, StoaError } from "@stoa/errors";
import type { OrganizationRole, ProjectRole } from "@stoa/events";
import { allows, permissionInTrash, roleFrom } from "../access.ts";
import { shapeTask, taskColumns } from "./row.ts";
import type { Task } from "./schema.ts";
import { tasks } from "./table.ts";

/**
 * Reads the tasks of a bulk change, in the order of their ids: the user may change each of them.
 *
 * @throws StoaError `not_found`, else `forbidden`, which names every id at fault.
 */
export async function readMany(db: Database, actor: Actor, ids: readonly string[]): Promise<Task[]> {
  const { user_id } = actor;
  const rows = await db.query(
    select(
      {
        ...taskColumns,
        membership: computed<ProjectRole | null>(sql`m.role`),
        organization_role: computed<OrganizationRole | null>(sql`o.role`),
        project_deleted_at: computed<string | null>(sql`p.deleted_at`),
      },
      sql`from ${tasks} left join members m on m.project_id = ${tasks.project_id} and m.user_id = ${user_id}
        left join projects p on p.id = ${tasks.project_id}
        left join organization_members o on o.organization_id = p.organization_id and o.user_id = ${user_id}
        where ${tasks.id} in ${among(ids)}`,
    ),
  );
  const found = new Map(
    rows.map(({ membership, organization_role, project_deleted_at, ...row }) => {
      const own = row.project_id === null && row.creator_id === user_id;
      const role = own ? "owner" : roleFrom(actor, membership, organization_role);
      const seenInTrash = allows(role, permissionInTrash(project_deleted_at));
      return [row.id, { task: shapeTask(row), allowed: allows(role, "write"), seenInTrash }];
    }),
  );
  refuse("not_found", "One of the tasks is not there, or is in the trash", ids, (id) => {
    const one = found.get(id);
    if (one?.task.deleted_at === null) return undefined;
    return one?.seenInTrash ? "The task is in the trash; restore it first." : "There is no such task.";
  });
  refuse("forbidden", "One of the tasks is not yours to change", ids, (id) =>
    found.get(id)?.allowed ? undefined : "You need the role owner or developer in the project of this task.",
  );
  return ids.flatMap((id) => found.get(id)?.task ?? []);
}

/**
 * Refuses a bulk change because of some of its tasks, and names each of them.
 *
 * @param messageFor what is wrong with a task; undefined when nothing is
 */
export function refuse(
  code: ErrorCode,
  what: string,
  ids: readonly string[],
  messageFor: (id: string, position: number) => string | undefined,
): void {
  const errors = ids.flatMap((id, position): FieldError[] => {
    const message = messageFor(id, position);
    return message === undefined ? [] : [{ path: `/ids/${position}`, message }];
  });
  if (errors.length > 0) throw new StoaError(code, { detail: `${what}; nothing was changed.`, errors });
}
