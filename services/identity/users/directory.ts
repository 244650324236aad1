import type { Actor } from "@stoa/auth";
import { pickColumns, sql } from "@stoa/db";
import { fold } from "@stoa/db/search/fold";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { comparedName, literally } from "./name-key.ts";
import { normalUsername } from "./names.ts";
import { DirectoryEntry, type DirectoryQuery } from "./schema.ts";
import { users } from "./table.ts";

const columns = pickColumns(users, DirectoryEntry.properties);

/**
 * Whom a user finds by name: those who share an organization with them, by how their username or a word of their name
 * begins; anyone else by exact username. Only active users, by username.
 */
export function searchDirectory(
  { db, cursor_key }: ListDeps,
  { user_id }: Pick<Actor, "user_id">,
  { q, ...request }: DirectoryQuery,
): Promise<Page<DirectoryEntry>> {
  const plan = pagePlan(cursor_key, request, {
    name: "directory",
    filters: { actor: user_id, q },
    order: [{ column: users.username, direction: "asc" }],
  });
  const exact = normalUsername(q);
  const prefix = `${literally(fold(q))}%`;
  const colleagues = sql`select theirs.user_id from organization_members mine
    join organization_members theirs on theirs.organization_id = mine.organization_id where mine.user_id = ${user_id}`;
  const where = sql`is_active = 1 and (username = ${exact} or id in (${colleagues})
    and (username like ${prefix} escape '\\' or ' ' || ${comparedName} like ${`% ${prefix}`} escape '\\'))`;
  return readPage(db, plan, { columns, from: sql`${users}`, where }, (row) => row);
}
