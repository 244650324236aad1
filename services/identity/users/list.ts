import { all, type Sql, sql } from "@stoa/db";
import type { PageQuery } from "@stoa/http";
import { mapItems, type Page, pagePlan } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { type StoredUser, selectUsers, shapeUser } from "./read.ts";
import type { User } from "./schema.ts";

/** What narrows the list of users. */
export interface UserFilters {
  /** Part of a username, e-mail or name, without case. */
  readonly q?: string | undefined;
  readonly is_active?: boolean | undefined;
  readonly is_superuser?: boolean | undefined;
  readonly role?: string | undefined;
}

/** Users, newest first: for superusers. */
export async function listUsers(
  deps: Pick<Deps, "db" | "cursor_key">,
  { q, is_active, is_superuser, role, ...page }: PageQuery & UserFilters,
): Promise<Page<User>> {
  const filters = { q, is_active, is_superuser, role };
  const plan = pagePlan(deps.cursor_key, page, {
    name: "users",
    filters,
    order: [
      { column: "users.created_at", direction: "desc" },
      { column: "users.id", direction: "desc" },
    ],
  });
  const fits = fitting(filters);
  const [rows = [], [total] = []] = await deps.db.queryAll([
    selectUsers(sql`${fits} and ${plan.where} order by ${plan.order} limit ${plan.limit}`),
    ...(plan.count ? [sql`select count(*) as total from users where ${fits}`] : []),
  ]);
  return mapItems(plan.finish(rows as StoredUser[], total?.["total"] as number | undefined), shapeUser);
}

function fitting({ q, is_active, is_superuser, role }: UserFilters): Sql {
  const conditions: Sql[] = [];
  if (is_active !== undefined) conditions.push(sql`users.is_active = ${is_active ? 1 : 0}`);
  if (is_superuser !== undefined) conditions.push(sql`users.is_superuser = ${is_superuser ? 1 : 0}`);
  if (role !== undefined) {
    conditions.push(sql`users.id in (select user_id from user_roles join roles on roles.id = role_id
      where roles.name = ${role})`);
  }
  if (q !== undefined) {
    const part = `%${q.replace(/[\\%_]/g, "\\$&")}%`;
    conditions.push(sql`users.username like ${part} escape '\\' or users.email like ${part} escape '\\'
      or users.full_name like ${part} escape '\\'`);
  }
  return all(conditions);
}
