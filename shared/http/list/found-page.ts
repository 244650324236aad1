import type { Database, RowOf, RowShape } from "@stoa/db";
import { countHits, type Searching, walk } from "@stoa/db/search/index";
import { EXACT_TO, type Page, type PagePlan } from "./page.ts";

/** A search, and the columns of what it finds, `row` among them. */
interface FoundSource<S extends RowShape> extends Searching {
  readonly columns: S;
}

/**
 * A page of a search, newest first, which may be short or empty and go on all the same: what was read in the time that
 * there is. A cursor says below which row the next page begins, and how much of `skip` is left.
 *
 * @param plan its order is the row alone, downwards
 * @param limit the items of a page
 */
export async function readFound<const S extends RowShape>(
  db: Database,
  plan: PagePlan,
  limit: number,
  source: FoundSource<S>,
): Promise<Page<RowOf<S> & { readonly row: number }>> {
  const total = plan.count ? countHits(db, source, EXACT_TO + 1) : undefined;
  const [below, toSkip] = plan.position ? (plan.position as [number, number]) : [undefined, plan.offset];
  const size = toSkip + limit;
  const found = await walk(db, { ...source, below, size: size + 1 });
  const { rows } = found;
  const more = rows.length > size ? rows[size - 1]?.row : found.below;
  const next = more === null || more === undefined ? null : [more, Math.max(0, toSkip - rows.length)];
  return plan.end(rows.slice(toSkip, size), next, await total);
}
