import type { Actor } from "@stoa/auth";
import { type RowOf, type Select, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { d, personColumns, shapePerson } from "../directory/person.ts";
import type { Member } from "../projects/schema.ts";
import { members } from "./table.ts";

/** Members, as the columns here and the conditions of lists name them. */
export const m = alias(members, "m");

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
