import type { Actor } from "@stoa/auth";
import { type Database, type RowOf, type Select, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { alias } from "drizzle-orm/sqlite-core";
import { d, personColumns, shapePerson } from "../directory/person.ts";
import { readProject } from "../projects/read.ts";
import type { Member } from "../projects/schema.ts";
import { members } from "./table.ts";

const m = alias(members, "m");

/** Members with their names, and what lists of them go by. */
export const memberColumns = { user_id: m.user_id, role: m.role, joined_at: m.joined_at, ...personColumns };
/** Where they are read from. */
export const membersWithNames = sql`${m} left join ${d} on ${d.user_id} = ${m.user_id}`;

/** A member as it is read. */
export type MemberRow = RowOf<typeof memberColumns>;

/** One member. */
export function selectMember(project_id: string, user_id: string): Select<MemberRow> {
  return select(
    memberColumns,
    sql`from ${membersWithNames} where ${m.project_id} = ${project_id} and ${m.user_id} = ${user_id}`,
  );
}

/** A row as others see it. */
export function shapeMember(actor: Actor, row: MemberRow): Member {
  return { ...shapePerson(row, actor), role: row.role };
}

/** A member of a project that the user sees. @throws StoaError `not_found`, `forbidden`. */
export async function readMember(db: Database, actor: Actor, project_id: string, user_id: string): Promise<Member> {
  const { members: all } = await readProject(db, actor, project_id);
  const member = all.find((one) => one.user_id === user_id);
  if (!member) throw new StoaError("not_found", { detail: "There is no such member." });
  return member;
}
