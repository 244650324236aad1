import type { Database, Sql } from "@stoa/db";
import type { Page, PagePlan } from "@stoa/http/list/index";

/** Reads the page of a plan. @param total the statement that counts all pages, as `total`; sent only when asked for */
export async function readPage<R extends object>(
  db: Database,
  plan: PagePlan,
  page: Sql,
  total: Sql,
): Promise<Page<R>> {
  if (!plan.count) return plan.finish(await db.query<R>(page));
  const [rows, [counted]] = await Promise.all([db.query<R>(page), db.query<{ total: number }>(total)]);
  return plan.finish(rows, counted?.total);
}
