import { type Static, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import {
  all,
  computed,
  type Database,
  type RowOf,
  type RowShape,
  raw,
  type Select,
  type Sql,
  select,
  sql,
} from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { StoreDeps } from "@stoa/journal";
import { openCursor, type Position, sealCursor } from "./cursor.ts";
import { after, keyOf, type OrderColumn, orderBy } from "./keyset.ts";

/** The query parameters that every list takes; spread them, or use {@link listQuery}. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50, description: "Items on a page." })),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      description: "`next_cursor` of the page before, with the same filters and sort.",
    }),
  ),
  skip: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 10_000, description: "Items to skip, instead of a cursor." }),
  ),
  count: Type.Optional(Type.Boolean({ description: "Adds `total` to the page." })),
} satisfies TProperties;

/** The query of a list: the parameters of every list and its own filters, nothing else. */
export function listQuery<T extends TProperties>(filters: T) {
  return Type.Object({ ...pageQuery, ...filters }, { additionalProperties: false });
}

/** How far items are counted: more than so many are not told apart. */
export const EXACT_TO = 10_000;

/** Rows that may be skipped on the event loop; more than that are read off it. */
const SKIPPED_AT_ONCE = 1_000;

/** A page, as it goes over the wire. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total?: number;
  total_is_exact?: false;
}

/** The schema of a page of these items; in documents it is named after them. */
export function List<T extends TSchema>(item: T) {
  const { title } = item;
  return Type.Object(
    {
      items: Type.Array(item),
      next_cursor: Type.Union([
        Type.String({ description: "Send it as `cursor` for the next page; null: this is the last one." }),
        Type.Null(),
      ]),
      total: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: EXACT_TO,
          description: "How many there are on all pages, if you asked: exact to 10,000.",
        }),
      ),
      total_is_exact: Type.Optional(
        Type.Literal(false, { description: "There are more than `total`. Absent when `total` is exact." }),
      ),
    },
    { ...(title !== undefined && { title: `${title}Page` }), additionalProperties: false },
  );
}

/** What lists are read with. */
export interface ListDeps extends StoreDeps {
  /** Seals the cursors; 32 bytes, `deriveKey(secret, "cursor")`. */
  readonly cursor_key: Uint8Array;
}

/** What a request asks of a list; a validated query with {@link pageQuery} is one. */
export interface PageRequest {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly skip?: number | undefined;
  readonly count?: boolean | undefined;
}

/** A list: what its cursors belong to, and its order. */
export interface ListSpec {
  readonly name: string;
  /** What narrows the list (also an id in the path, and the sort's name); members that are undefined do not count. */
  readonly filters?: Readonly<Record<string, unknown>>;
  /** The last column is unique, an id say, or pages would lose rows that tie. */
  readonly order: readonly OrderColumn[];
}

/** How to read one page. */
export interface PagePlan {
  /** The rows after the cursor; true without one. Goes beside the list's own conditions. */
  readonly where: Sql;
  /** What follows `order by`. */
  readonly order: Sql;
  /** What follows `limit`: one row more than the page, by which `finish` sees whether there is another page. */
  readonly limit: Sql;
  /** The same as numbers, for a query that drizzle builds. */
  readonly size: number;
  readonly offset: number;
  /** Whether `total` is wanted. */
  readonly count: boolean;
  /** Where the cursor said that the page begins; undefined without one. */
  readonly position: Position | undefined;
  /** Cuts the rows to the page. @param counted all items, when `count`: no further than {@link EXACT_TO} and one */
  finish<R extends object>(rows: readonly R[], counted?: number): Page<R>;
  /** A page that ends where reading ended, full or not. @param next where the next one begins; null: there is none */
  end<R extends object>(items: readonly R[], next: Position | null, counted?: number): Page<R>;
}

/**
 * Plans a page of a list, which {@link readPage} then reads.
 *
 * @param key `cursor_key` of `HttpDeps`, 32 bytes
 * @throws StoaError `invalid_cursor`; `validation_failed` when there is both a cursor and a skip.
 *
 * @example
 * const plan = pagePlan(cursor_key, query, {
 *   name: "tasks",
 *   filters: { actor: actor.user_id, status: query.status },
 *   order: [{ column: tasks.due_at, direction: "asc", nullable: true }, { column: tasks.id, direction: "asc" }],
 * });
 * return readPage(db, plan, { columns: taskColumns, from: sql`${tasks}`, where: mine }, shapeTask);
 */
export function pagePlan(key: Uint8Array, request: PageRequest, { name, filters, order }: ListSpec): PagePlan {
  const { limit = 50, cursor, skip, count = false } = request;
  if (cursor !== undefined && skip !== undefined) {
    const message = "Send either cursor or skip.";
    throw new StoaError("validation_failed", { errors: [{ path: "/query/skip", message }] });
  }
  const scope = [name, order.map((column) => `${keyOf(column)} ${column.direction}`), inOrder(filters)];
  const position = cursor === undefined ? undefined : openCursor(key, scope, cursor);
  const offset = skip ?? 0;
  const end: PagePlan["end"] = (items, next, counted) => ({
    items: [...items],
    next_cursor: next ? sealCursor(key, scope, next) : null,
    ...totalOf(counted),
  });
  return {
    where: position ? after(order, position) : raw("1"),
    order: orderBy(order),
    limit: offset > 0 ? sql`${limit + 1} offset ${offset}` : sql`${limit + 1}`,
    size: limit + 1,
    offset,
    count,
    position,
    finish: (rows, counted) => {
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      return end(rows.slice(0, limit), last ? positionOf(last, order) : null, counted);
    },
    end,
  };
}

/** What a page is read from. */
export interface PageSource<S extends RowShape> {
  /** What its rows have, the columns of the order among them. */
  readonly columns: S;
  /** What follows `from`: tables and joins. */
  readonly from: Sql;
  /** The list's own conditions. */
  readonly where: Sql;
  /** What follows the columns instead, where the plain statement would be slow. */
  readonly page?: Sql;
  /** Whether a page may read much more than it shows, so that it is read off the event loop. */
  readonly scans?: boolean;
}

/** How many rows there are, counted no further than is told: for `db.scan`. @param rest from `from` on */
export function selectCount(rest: Sql): Select<{ readonly rows: number }> {
  return select({ rows: computed<number>(raw("count(*)")) }, sql`from (select 1 ${rest} limit ${EXACT_TO + 1})`);
}

/** Reads a page and, when it is asked for, the number of all items, which is counted off the event loop. */
export async function readPage<const S extends RowShape, T>(
  db: Database,
  plan: PagePlan,
  { columns, from, where, page, scans = false }: PageSource<S>,
  shape: (row: RowOf<S>) => T,
): Promise<Page<T>> {
  const rest = page ?? sql`from ${from} where ${all([where, plan.where])} order by ${plan.order} limit ${plan.limit}`;
  const items = select(columns, rest);
  const reading = scans || plan.offset > SKIPPED_AT_ONCE ? db.scan(items) : db.query(items);
  if (!plan.count) return mapItems(plan.finish(await reading), shape);
  const [rows, [counted]] = await Promise.all([reading, db.scan(selectCount(sql`from ${from} where ${where}`))]);
  return mapItems(plan.finish(rows, counted?.rows), shape);
}

function totalOf(counted: number | undefined): Pick<Page<never>, "total" | "total_is_exact"> {
  if (counted === undefined) return {};
  return counted > EXACT_TO ? { total: EXACT_TO, total_is_exact: false } : { total: counted };
}

/** What narrows a list, by name: the same whatever order it was given in. Its values are a query's: none is an object. */
function inOrder(filters: ListSpec["filters"] = {}): [string, unknown][] {
  const entries = Object.entries(filters).filter(([, value]) => value !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The page with each item shaped. */
export function mapItems<R, T>(page: Page<R>, shape: (item: R) => T): Page<T> {
  return { ...page, items: page.items.map(shape) };
}

function positionOf(row: object, order: readonly OrderColumn[]): Position {
  const fields = row as Record<string, unknown>;
  return order.map((column) => {
    const value = fields[keyOf(column)];
    if (typeof value === "string" || typeof value === "number" || value === null) return value;
    throw new TypeError(`A row of the list has no ${keyOf(column)} to order by.`);
  });
}

/** The validated query of a list without filters. */
export type PageQuery = Static<ReturnType<typeof listQuery<Record<never, never>>>>;
