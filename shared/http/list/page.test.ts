import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Type } from "@sinclair/typebox";
import { all, computed, type Database, openDatabase, raw, type Sql, sql } from "@stoa/db";
import { intercepted, rowsOf } from "@stoa/testing";
import { queryReader } from "../query.ts";
import { sealCursor } from "./cursor.ts";
import { List, type ListSpec, listQuery, mapItems, type PageRequest, pagePlan, readPage } from "./page.ts";

const key = new Uint8Array(32).fill(7);

interface Row {
  id: string;
  title: string;
  priority: number;
  due_at: string | null;
}

let db: Database;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stoa-page-"));
  db = await openDatabase(`file:${join(folder, "page.db")}`);
  await db.write([
    sql`create table things (id text primary key, title text not null, priority integer not null, due_at text)`,
    sql`create index things_priority on things (priority, id)`,
    ...Array.from({ length: 37 }, (_, index) => {
      const due_at = index % 3 === 0 ? null : `2026-11-${10 + (index % 5)}`;
      return sql`insert into things values (${String(index).padStart(3, "0")}, ${`Thing ${index}`}, ${index % 4}, ${due_at})`;
    }),
  ]);
});

afterAll(async () => {
  db.close();
  await rm(folder, { recursive: true });
});

const byId: ListSpec = { name: "things", order: [{ column: "id", direction: "asc" }] };

function read(spec: ListSpec, request: PageRequest, condition: Sql = raw("1")) {
  const plan = pagePlan(key, request, spec);
  return rowsOf<Row>(
    db,
    sql`select *, -priority as urgency from things where ${all([condition, plan.where])}
        order by ${plan.order} limit ${plan.limit}`,
  ).then((rows) => plan.finish(rows));
}

async function walk(spec: ListSpec, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof read>> = await read(spec, { limit, ...(cursor === null ? {} : { cursor }) });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return seen;
}

const orders: [string, ListSpec["order"]][] = [
  ["one column upwards", [{ column: "id", direction: "asc" }]],
  ["newest first", [{ column: "things.id", direction: "desc" }]],
  [
    "two columns the same way",
    [
      { column: "priority", direction: "desc" },
      { column: "id", direction: "desc" },
    ],
  ],
  [
    "two columns in opposite ways",
    [
      { column: "priority", direction: "desc" },
      { column: "id", direction: "asc" },
    ],
  ],
  [
    "nulls last upwards",
    [
      { column: "due_at", direction: "asc", nullable: true },
      { column: "id", direction: "asc" },
    ],
  ],
  [
    "nulls last downwards",
    [
      { column: "due_at", direction: "desc", nullable: true },
      { column: "id", direction: "asc" },
    ],
  ],
  [
    "three columns with a null between",
    [
      { column: "priority", direction: "asc" },
      { column: "due_at", direction: "desc", nullable: true },
      { column: "id", direction: "desc" },
    ],
  ],
  [
    "an expression",
    [
      { column: raw("-priority"), key: "urgency", direction: "asc" },
      { column: "id", direction: "asc" },
    ],
  ],
];

describe("pages", () => {
  test.each(orders)("cover every row once and in order: %s", async (_name, order) => {
    const whole = await read({ name: "things", order }, { limit: 100 });
    expect(whole.items).toHaveLength(37);
    expect(whole.next_cursor).toBeNull();
    for (const limit of [1, 5, 36, 37]) {
      expect(await walk({ name: "things", order }, limit)).toEqual(whole.items.map(({ id }) => id));
    }
  });

  test("put nulls last in both directions", async () => {
    for (const direction of ["asc", "desc"] as const) {
      const order = [{ column: "due_at", direction, nullable: true } as const, { column: "id", direction } as const];
      const { items } = await read({ name: "things", order }, { limit: 100 });
      expect(items.findIndex(({ due_at }) => due_at === null)).toBe(24);
      expect(items.slice(24).every(({ due_at }) => due_at === null)).toBe(true);
    }
  });

  test("seek in the index instead of reading past rows", async () => {
    const order = [
      { column: "priority", direction: "desc" },
      { column: "id", direction: "desc" },
    ] as const;
    const plan = pagePlan(
      key,
      { cursor: (await read({ name: "things", order }, { limit: 5 })).next_cursor ?? "" },
      {
        name: "things",
        order,
      },
    );
    const [step] = await rowsOf<{ detail: string }>(
      db,
      sql`explain query plan select * from things where ${plan.where} order by ${plan.order} limit ${plan.limit}`,
    );
    expect(step?.detail).toContain("SEARCH things USING INDEX things_priority");
  });

  test("seek to the row where many tie, although an index has the rowid only by itself", async () => {
    await db.write([
      sql`create table ties (row integer primary key, id text not null, priority integer not null)`,
      sql`create index ties_priority on ties (priority)`,
    ]);
    const row = (id: string | number | null) => sql`(select row from ties where id = ${id})`;
    const ways: ListSpec["order"] = [
      { column: "row", direction: "desc" },
      { column: "row", direction: "desc", key: "id", value: row },
    ];
    for (const last of ways) {
      const spec: ListSpec = { name: "ties", order: [{ column: "priority", direction: "desc" }, last] };
      const tied = { priority: 1, row: 2, id: "b" };
      const { next_cursor } = pagePlan(key, { limit: 1 }, spec).finish([tied, tied]);
      const { where, order: by, limit } = pagePlan(key, { cursor: next_cursor ?? "" }, spec);
      const [step] = await rowsOf<{ detail: string }>(
        db,
        sql`explain query plan select * from ties where ${where} order by ${by} limit ${limit}`,
      );
      expect(step?.detail).toBe("SEARCH ties USING INDEX ties_priority ((priority,rowid)<(?,?))");
    }
  });

  test("skip instead of a cursor, and hand out a cursor to go on with", async () => {
    const page = await read(byId, { skip: 10, limit: 5 });
    expect(page.items.map(({ id }) => id)).toEqual(["010", "011", "012", "013", "014"]);
    const next = await read(byId, { cursor: page.next_cursor ?? "", limit: 1 });
    expect(next.items[0]?.id).toBe("015");
  });

  test("hold 50 rows unless asked, and carry a total only when it is given", () => {
    const plan = pagePlan(key, {}, byId);
    expect([plan.size, plan.offset, plan.count]).toEqual([51, 0, false]);
    expect(plan.finish([{ id: "1" }])).toEqual({ items: [{ id: "1" }], next_cursor: null });
    expect(pagePlan(key, { count: true }, byId).finish([{ id: "1" }], 9)).toEqual({
      items: [{ id: "1" }],
      next_cursor: null,
      total: 9,
    });
  });

  test("count to 10,000 exactly, and say when there are more", () => {
    const count = (counted: number) => pagePlan(key, { count: true }, byId).finish([], counted);
    expect(count(10_000)).toEqual({ items: [], next_cursor: null, total: 10_000 });
    expect(count(10_001)).toEqual({ items: [], next_cursor: null, total: 10_000, total_is_exact: false });
  });

  test("may end where reading ended, and the next one begins there", () => {
    const page = pagePlan(key, {}, byId).end([], ["017"]);
    expect(page.items).toEqual([]);
    const next = pagePlan(key, { cursor: page.next_cursor ?? "" }, byId);
    expect([next.position, pagePlan(key, {}, byId).position]).toEqual([["017"], undefined]);
  });

  test("are read off the event loop when they may look at much, skip much or count", async () => {
    const used: string[] = [];
    const watched = intercepted(db, { read: () => used.push("read"), scan: () => used.push("scan") });
    const columns = { id: computed<string>(raw("id")) };
    const page = (request: PageRequest, scans?: boolean) => {
      const source = { columns, from: raw("things"), where: raw("1"), ...(scans !== undefined && { scans }) };
      return readPage(watched, pagePlan(key, request, byId), source, (row) => row);
    };
    await page({ skip: 1_000 });
    await page({ skip: 1_001 });
    await page({}, true);
    expect(used.splice(0)).toEqual(["read", "read", "scan", "read", "scan"]);
    expect((await page({ count: true, limit: 1 })).total).toBe(37);
    expect(used).toEqual(["read", "read", "scan"]);
  });

  test("can be shaped without losing the cursor", () => {
    const page = { items: [1, 2], next_cursor: "x", total: 7 };
    expect(mapItems(page, (item) => item * 2)).toEqual({ items: [2, 4], next_cursor: "x", total: 7 });
  });

  test("need the order's columns in the rows", () => {
    const plan = pagePlan(key, { limit: 1 }, byId);
    expect(() => plan.finish([{ other: 1 }, { other: 2 }])).toThrow("has no id");
    expect(() => pagePlan(key, {}, { name: "x", order: [{ column: raw("1"), direction: "asc" }] }).finish([])).toThrow(
      "needs the key",
    );
  });

  test("of a list without an order hold nothing after a cursor", () => {
    const empty = { name: "x", order: [] };
    const cursor = sealCursor(key, ["x", [], []], []);
    expect(pagePlan(key, { cursor }, empty).where.sql).toBe("0");
  });
});

describe("a list's query", () => {
  const read = queryReader(listQuery({}));

  test("is coerced and has a default", () => {
    expect(read("")).toEqual({ limit: 50 });
    expect(read("limit=100&skip=10000&count=true")).toEqual({ limit: 100, skip: 10000, count: true });
  });

  test.each([
    "limit=0",
    "limit=101",
    "limit=1.5",
    "limit=x",
    "limit=",
    "skip=-1",
    "skip=10001",
    "cursor=",
    "count=1",
    "page=2",
  ])("refuses %s", (query) => {
    expect(() => read(query)).toThrow(expect.objectContaining({ code: "validation_failed" }));
  });
});

test("a list's schema is closed and holds the cursor or null", () => {
  expect(List(Type.String())).toMatchObject({
    additionalProperties: false,
    required: ["items", "next_cursor"],
  });
});
