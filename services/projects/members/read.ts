import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { ProjectRole } from "@stoa/events";
import type { StoreDeps } from "../deps.ts";
import { type Person, shapePerson } from "../directory/person.ts";
import { readProject } from "../projects/read.ts";
import type { Member } from "../projects/schema.ts";

/** A member as {@link selectMembers} reads it. */
export interface MemberRow extends Person {
  readonly role: ProjectRole;
  readonly joined_at: string;
}

/** Members with their names. @param rest `where …` and on, of `m` */
export function selectMembers(rest: Sql): Sql {
  return sql`select m.user_id, m.role, m.joined_at, d.username, d.full_name, d.is_active, d.erased_at
    from members m left join directory d on d.user_id = m.user_id ${rest}`;
}

/** One member. */
export function selectMember(project_id: string, user_id: string): Sql {
  return selectMembers(sql`where m.project_id = ${project_id} and m.user_id = ${user_id}`);
}

/** A row as others see it. */
export function shapeMember(asker: Actor, row: MemberRow): Member {
  return { ...shapePerson(row, asker), role: row.role };
}

/** A member of a project that the asker sees. @throws StoaError `not_found`. */
export async function readMember(
  { db }: Pick<StoreDeps, "db">,
  actor: Actor,
  project_id: string,
  user_id: string,
): Promise<Member> {
  const { members } = await readProject({ db }, actor, project_id);
  const member = members.find((one) => one.user_id === user_id);
  if (!member) throw new StoaError("not_found", { detail: "There is no such member." });
  return member;
}
