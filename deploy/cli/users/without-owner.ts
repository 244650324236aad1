import { type Database, select, sql } from "@stoa/db";
import { hasActiveOwner } from "@stoa/identity/members/last-owner";
import { organizations } from "@stoa/identity/organizations/table";

/** A line for each organization of an owner that has no other who may log in: somebody has to name one. */
export async function leftWithoutOwner(db: Database, user_id: string): Promise<string[]> {
  const { id, name, slug } = organizations;
  const left = sql`from ${organizations} where ${id} in (
      select organization_id from organization_members where user_id = ${user_id} and role = 'owner')
    and not ${hasActiveOwner(sql`${id}`)} order by ${slug}`;
  const rows = await db.query(select({ name, slug }, left));
  return rows.map((one) => `organization ${one.slug} (${one.name}) has no owner left: a superuser can name another`);
}
