import type { Actor } from "@stoa/auth";
import { type Database, rowsAs, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { OrganizationRole } from "@stoa/events";
import { mapItems, type Page, type PageQuery, pagePlan } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { readOrganization } from "../organizations/read.ts";
import type { OrganizationMember } from "../organizations/schema.ts";

/** A member as {@link selectMembers} reads them. */
export interface MemberRow extends Omit<OrganizationMember, "is_active"> {
  /** SQLite's boolean. */
  readonly is_active: number;
}

/** Members with their names. @param rest `where …` and on, of `m` */
export function selectMembers(rest: Sql): Sql {
  return sql`select m.user_id, u.username, u.full_name, m.role, u.is_active, m.joined_at
    from organization_members m join users u on u.id = m.user_id ${rest}`;
}

/** One member. */
export function selectMember(organization_id: string, user_id: string): Sql {
  return selectMembers(sql`where m.organization_id = ${organization_id} and m.user_id = ${user_id}`);
}

/** A row as members see it. */
export function shapeMember(row: MemberRow): OrganizationMember {
  return { ...row, is_active: row.is_active === 1 };
}

/** A member of an organization that the asker sees. @throws StoaError `not_found` */
export async function readMember(
  db: Database,
  actor: Actor,
  organization_id: string,
  user_id: string,
): Promise<OrganizationMember> {
  await readOrganization(db, actor, organization_id);
  const [row] = await db.query<MemberRow>(selectMember(organization_id, user_id));
  if (!row) throw noSuchMember();
  return shapeMember(row);
}

/** The error for someone who is no member. */
export function noSuchMember(): StoaError {
  return new StoaError("not_found", { detail: "There is no such member." });
}

/** Someone is a member, as this: a guard of commands. */
export function isMember(organization_id: string, user_id: string, role: OrganizationRole): Sql {
  return sql`exists (select 1 from organization_members where organization_id = ${organization_id}
    and user_id = ${user_id} and role = ${role})`;
}

/** Who joined last first. @throws StoaError `not_found` unless the asker is a member */
export async function listMembers(
  { db, cursor_key }: Pick<Deps, "db" | "cursor_key">,
  actor: Actor,
  organization_id: string,
  page: PageQuery,
): Promise<Page<OrganizationMember>> {
  await readOrganization(db, actor, organization_id);
  const plan = pagePlan(cursor_key, page, {
    name: "organization_members",
    filters: { organization_id },
    order: [
      { column: "m.joined_at", direction: "desc" },
      { column: "m.user_id", direction: "desc" },
    ],
  });
  const mine = sql`m.organization_id = ${organization_id}`;
  const [rows = [], [total] = []] = await db.queryAll([
    selectMembers(sql`where ${mine} and ${plan.where} order by ${plan.order} limit ${plan.limit}`),
    ...(plan.count ? [sql`select count(*) as total from organization_members m where ${mine}`] : []),
  ]);
  return mapItems(plan.finish(rowsAs<MemberRow>(rows), total?.["total"] as number | undefined), shapeMember);
}
