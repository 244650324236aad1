import type { Database } from "../database.ts";
import { computed, type RowOf, type RowShape, type Select, select } from "../select.ts";
import { among, raw, type Sql, sql } from "../sql.ts";
import type { Rows, Search } from "./search.ts";

/** How much is read at once, and for how long. */
const limits = {
  /** Rows of the first window, which is read on the event loop: a millisecond or two, whatever is in them. */
  first: 2_000,
  /** Rows of the next window, at most. It and those after it are read by the thread of long reads. */
  next: 5_000,
  /** Rows of the largest window; none is interrupted. */
  most: 160_000,
  /** Rows of the smallest: what time is left for fewer is not used. */
  least: 1_000,
  /** Entries of an index for each row up to which these numbers hold. Searches for longer texts have smaller windows. */
  weight: 10,
  /** Milliseconds that all of them may take. */
  budget: 20,
};

/** A search in one table. */
export interface Searching {
  readonly search: Search;
  /** The list's other conditions. */
  readonly where: Sql;
}

/** What a walk reads. */
export interface Walk<S extends RowShape> extends Searching {
  /** What its rows have, `row` among them. */
  readonly columns: S;
  /** Begins below this row; undefined: with the newest. */
  readonly below: number | undefined;
  /** Ends with so many rows. */
  readonly size: number;
  /** Tells the time, in milliseconds. */
  readonly clock?: () => number;
}

/** What a walk has found, newest first. */
export interface Walked<R> {
  readonly rows: readonly Numbered<R>[];
  /**
   * Where there are fewer rows than asked for: what is below this row was not looked at; null: everything was. Otherwise
   * go on below the last row.
   */
  readonly below: number | null;
}

/**
 * Finds the newest rows of a search, in windows of row ids, so that what is rare, or what nobody may see, costs no more
 * than what is common: it ends with enough rows, at the end, or after 20 ms. Everything but the first window is read by
 * `db.scan`. What the index does not have yet is read by itself, and stands where its row says.
 */
export async function walk<const S extends RowShape>(db: Database, plan: Walk<S>): Promise<Walked<RowOf<S>>> {
  const unindexed = await readUnindexed(db, plan);
  const { rows, below } = await walkIndex(db, plan);
  if (unindexed.length === 0) return { rows, below };
  const looked = unindexed.filter(({ row }) => below === null || row >= below);
  const each = new Map([...rows, ...looked].map((one) => [one.row, one]));
  return { rows: [...each.values()].toSorted((one, other) => other.row - one.row).slice(0, plan.size), below };
}

type Numbered<R> = R & { readonly row: number };

/** The newest of the rows that the index did not have. */
async function readUnindexed<const S extends RowShape>(
  db: Database,
  { columns, search, where, below = Number.MAX_SAFE_INTEGER, size }: Walk<S>,
): Promise<Numbered<RowOf<S>>[]> {
  const rowIds = search.unindexed.filter((row) => row < below);
  if (rowIds.length === 0) return [];
  const from = search.fromUnindexed(rowIds);
  const rows = await db.query(select(columns, sql`${from} and (${where}) order by row desc limit ${size}`));
  return rows as Numbered<RowOf<S>>[];
}

async function walkIndex<const S extends RowShape>(
  db: Database,
  { size, below: from, clock = () => performance.now(), ...plan }: Walk<S>,
): Promise<Walked<RowOf<S>>> {
  const began = clock();
  const first = sizeOf(limits.first, plan.search);
  const { newest } = plan.search;
  const rows: Numbered<RowOf<S>>[] = [];
  let below: number;
  if (from === undefined) {
    const top = select({ row: computed<number>(newest) }, raw(""));
    const read = pageOf(plan, { above: sql`${newest} - ${first}`, upTo: newest }, size);
    const [[at], found] = await db.queryAll([top, read]);
    rows.push(...found);
    below = (at?.row ?? 0) - first;
  } else {
    below = from - 1 - first;
    rows.push(...(await db.query(pageOf(plan, { above: below, upTo: from - 1 }, size))));
  }
  let [span, since, most] = [first, began, sizeOf(limits.next, plan.search)];
  while (rows.length < size && below > 0) {
    const at = clock();
    const [took, left] = [at - since, limits.budget * 0.8 - (at - began)];
    // As large as the time that is left allows, less a fifth, if the next rows are like those of the last window.
    const next = Math.min(most, took > 0 ? (span * left) / took : most);
    if (next < sizeOf(limits.least, plan.search)) break;
    [span, since] = [Math.ceil(next), at];
    most = Math.min(span * 4, sizeOf(limits.most, plan.search));
    rows.push(...(await db.scan(pageOf(plan, { above: below - span, upTo: below }, size - rows.length))));
    below -= span;
  }
  return { rows, below: below > 0 ? below + 1 : null };
}

/** Rows of a window in the index, and of a text that is longer than most as much less. */
function sizeOf(rows: number, { weight }: Search): number {
  return Math.ceil(rows / Math.max(1, weight / limits.weight));
}

function pageOf<const S extends RowShape>(
  { columns, search, where }: Pick<Walk<S>, "columns" | keyof Searching>,
  rows: Rows,
  limit: number,
): Select<Numbered<RowOf<S>>> {
  const from = search.from(rows);
  return select(columns, sql`${from} and (${where}) order by ${search.row} desc limit ${limit}`) as Select<
    Numbered<RowOf<S>>
  >;
}

/** How many rows a search has, counted no further than `most`; off the event loop, in windows that let others in. */
export async function countHits(db: Database, plan: Searching, most: number): Promise<number> {
  const { search, where } = plan;
  const [top] = await db.scan(select({ row: computed<number>(search.newest) }, raw("")));
  const span = sizeOf(limits.most, search);
  let count = 0;
  const counts = async (from: Sql) => {
    const some = sql`from (select 1 ${from} and (${where}) limit ${most - count})`;
    const [counted] = await db.scan(select({ rows: computed<number>(raw("count(*)")) }, some));
    count += counted?.rows ?? 0;
  };
  const { unindexed } = search;
  // They may have come into the index by now.
  const others = unindexed.length === 0 ? raw("") : sql` and ${search.row} not in ${among(unindexed)}`;
  if (unindexed.length > 0) await counts(search.fromUnindexed(unindexed));
  for (let upTo = top?.row ?? 0; upTo > 0 && count < most; upTo -= span) {
    await counts(sql`${search.from({ above: upTo - span, upTo })}${others}`);
  }
  return count;
}
