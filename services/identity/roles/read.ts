import { type Database, pickColumns, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Page, type PageQuery, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { Role } from "./schema.ts";
import { roles } from "./table.ts";

const columns = pickColumns(roles, Role.properties);

/** @throws StoaError `not_found` */
export async function readRole(db: Database, id: string): Promise<Role> {
  const [role] = await db.query(select(columns, sql`from ${roles} where id = ${id}`));
  if (!role) throw noSuchRole();
  return role;
}

/** Roles, newest first. @throws StoaError `invalid_cursor`. */
export function listRoles({ db, cursor_key }: ListDeps, query: PageQuery): Promise<Page<Role>> {
  const plan = pagePlan(cursor_key, query, {
    name: "roles",
    order: [
      { column: roles.created_at, direction: "desc" },
      { column: roles.id, direction: "desc" },
    ],
  });
  return readPage(db, plan, { columns, from: sql`${roles}`, where: sql`1` }, (role) => role);
}

/** The error for a role that does not exist. */
export function noSuchRole(): StoaError {
  return new StoaError("not_found");
}
