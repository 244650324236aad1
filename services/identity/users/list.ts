import { all, join, listed, type Sql, sql } from "@stoa/db";
import { fold } from "@stoa/db/search/fold";
import { type Page, type PageRequest, pagePlan, readPage } from "@stoa/http/list/index";
import { partsOfKey } from "@stoa/mail/address-key";
import type { ListDeps } from "../deps.ts";
import { comparedName, literally } from "./name-key.ts";
import { shapeUser, userColumns } from "./read.ts";
import type { User, UsersQuery } from "./schema.ts";
import { users } from "./table.ts";

type UserFilter = Omit<UsersQuery, keyof PageRequest>;

/** Users, newest first: for superusers. @throws StoaError `invalid_cursor`. */
export function listUsers({ db, cursor_key }: ListDeps, query: UsersQuery): Promise<Page<User>> {
  const { limit, cursor, skip, count, ...filters } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "users",
    filters,
    order: [
      { column: users.created_at, direction: "desc" },
      { column: users.id, direction: "desc" },
    ],
  });
  const source = { columns: userColumns, from: sql`${users}`, where: conditionOf(filters), scans: scans(filters) };
  return readPage(db, plan, source, shapeUser);
}

/** Whether a page may look at many more users than it shows: no index has what these say. */
function scans(filters: UserFilter): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}

function contains(column: Sql, text: string): Sql {
  return sql`${column} like ${`%${literally(text)}%`} escape '\\'`;
}

function conditionOf({ q, is_active, is_superuser, role }: UserFilter): Sql {
  const conditions: Sql[] = [];
  if (is_active !== undefined) conditions.push(sql`is_active = ${is_active}`);
  if (is_superuser !== undefined) conditions.push(sql`is_superuser = ${is_superuser}`);
  if (role !== undefined) {
    conditions.push(sql`id in (select user_id from user_roles join roles on roles.id = role_id
      where roles.name in ${listed(role)})`);
  }
  if (q !== undefined) {
    const found = [
      contains(sql`username`, fold(q)),
      contains(comparedName, fold(q)),
      contains(sql`email`, q),
      ...partsOfKey(q).map((part) => contains(sql`email_key`, part)),
    ];
    conditions.push(join(found, " or "));
  }
  return all(conditions);
}
