import { raw, type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { appendEach } from "@stoa/journal";
import { noEarlier } from "../no-earlier.ts";
import { endAssignments } from "../tasks/end-assignments.ts";

/** Whose memberships end, and why. */
export interface EndOfMemberships {
  readonly cause: Cause;
  readonly user_id: string;
  readonly time: string;
  /** The condition of the projects `p` that they leave, those in the trash too. */
  readonly of: Sql;
  /** The condition of the tasks `t` that they are taken off. */
  readonly assignments: Sql;
}

/**
 * Ends someone's memberships of some projects, and their assignments there, with an event for each: the reaction to what
 * another service says. A project may be left without an owner of its own; those who stand above it can make one.
 */
export function endMemberships({ cause, user_id, time, of, assignments }: EndOfMemberships): Sql[] {
  const theirs = sql`user_id = ${user_id}
    and exists (select 1 from projects p where p.id = members.project_id and ${of})`;
  return [
    appendEach(raw("1"), {
      cause,
      type: "project.member_removed",
      time,
      aggregate_id: raw("p.id"),
      entity_id: raw("p.id"),
      organization_id: raw("p.organization_id"),
      data: raw(`json_object('project_id', p.id, 'name', p.name, 'version', p.version + 1, 'user_id', m.user_id,
        'role', m.role)`),
      from: raw("members m join projects p on p.id = m.project_id"),
      where: sql`m.user_id = ${user_id} and ${of}`,
    }),
    ...endAssignments(cause, assignments, user_id, raw("1"), time),
    sql`update projects set version = version + 1, updated_at = ${noEarlier(time)}
      where id in (select project_id from members where ${theirs})`,
    sql`delete from members where ${theirs}`,
  ];
}
