import { sql } from "@stoa/db";
import { type Page, type PageQuery, pagePlan } from "@stoa/http";
import type { Deps } from "../deps.ts";
import { normalUsername } from "./names.ts";
import type { DirectoryEntry } from "./schema.ts";

/**
 * Whom a user finds by name: those who share an organization with them, by how their username or a word of their name begins; anyone
 * else by exact username. Only who is active, by username.
 */
export async function searchDirectory(
  { db, cursor_key }: Pick<Deps, "db" | "cursor_key">,
  asker: string,
  { q, ...page }: PageQuery & { readonly q: string },
): Promise<Page<DirectoryEntry>> {
  const plan = pagePlan(cursor_key, page, {
    name: "directory",
    filters: { asker, q },
    order: [{ column: "username", direction: "asc" }],
  });
  const exact = normalUsername(q);
  const prefix = `${q.replace(/[\\%_]/g, "\\$&")}%`;
  const colleagues = sql`select theirs.user_id from organization_members mine
    join organization_members theirs on theirs.organization_id = mine.organization_id where mine.user_id = ${asker}`;
  const fits = sql`is_active = 1 and (username = ${exact} or id in (${colleagues})
    and (username like ${prefix} escape '\\' or ' ' || full_name like ${`% ${prefix}`} escape '\\'))`;
  const [rows = [], [total] = []] = await db.queryAll([
    sql`select id, username, full_name from users where ${fits} and ${plan.where}
      order by ${plan.order} limit ${plan.limit}`,
    ...(plan.count ? [sql`select count(*) as total from users where ${fits}`] : []),
  ]);
  return plan.finish(rows as DirectoryEntry[], total?.["total"] as number | undefined);
}
