import { type Database, openDatabase, raw, type Sql, sql } from "@stoa/db";
import { type ServerProcess, startSqld } from "@stoa/testing/servers/index";
import { alternate, type Compared, type Sample } from "./alternate.ts";
import { cpuClock } from "./cpu.ts";
import { atLeast, type Measurement, type Result } from "./measurement.ts";

const many = 16;

/** What a database server costs: reads on streams that stay open, and commits that are flushed. */
export const sqld: Measurement = {
  name: "sqld",
  about: "reads of sqld on kept streams, compared with a stream for each; its commits flushed, compared with not",
  async run(settings) {
    await using strong = await startSqld();
    await using relaxed = await startSqld({ durable: false });
    const opened: Database[] = [];
    const open = async (url: string, alone = false) => {
      const db = await openDatabase(url, { alone, timeoutMs: 20_000 });
      opened.push(db);
      return db;
    };
    const kept = await open(strong.url);
    const single = await open(strong.url, true);
    const loose = await open(relaxed.url);
    for (const db of [kept, loose]) await db.write(tables);
    await kept.write([fill]);

    const results: Result[] = [];
    for (const [name, statement] of [
      ["select 1", raw("select 1")],
      ["a page of 21 rows", page],
    ] as const) {
      const reads = (db: Database) => (seconds: number) =>
        doing(strong, many, seconds, () => db.query(statement).then(requireRows));
      const compared = await alternate(settings, reads(kept), reads(single));
      results.push(
        beside(`sqld: ${name} on kept streams, compared with a stream for each`, compared, "single_stream", 0.6),
      );
    }
    for (const at of [many, 1]) {
      const writes = (server: ServerProcess, db: Database) => (seconds: number) =>
        doing(server, at, seconds, () => db.write([insert(), insert()]));
      const compared = await alternate(settings, writes(strong, kept), writes(relaxed, loose));
      const name = `sqld: commits of two rows, ${at} at once, flushed, compared with not`;
      results.push(atLeast(0.78, name, compared.ratio, numbersOf(compared, "relaxed")));
    }
    for (const db of opened) db.close();
    return results;
  },
};

const tables = [
  raw("create table pages (id integer primary key, a text, b text, c text, d text, e integer, f integer)"),
  raw("create table rows (id integer primary key, text text)"),
];
const fill = raw(
  `insert into pages with recursive n (id) as (select 1 union all select id + 1 from n where id < 1000)
   select id, 'Task number ' || id || ' of the weir', 'pending', 'medium', '2026-11-20T09:00:00.000Z', id, 1 from n`,
);
const page = raw("select id, a, b, c, d, e, f from pages where id > 500 order by id limit 21");
const insert = (): Sql => sql`insert into rows (text) values (${"Walk down to the weir and count the herons on it."})`;

function requireRows(rows: readonly unknown[]): void {
  if (rows.length === 0) throw new Error("A read of the measurement gave no rows.");
}

/** Does something again and again, so many at a time, and measures the server's CPU time for each. */
async function doing(
  server: ServerProcess,
  at: number,
  seconds: number,
  work: () => Promise<unknown>,
): Promise<Sample> {
  const used = cpuClock(server.pid);
  const began = performance.now();
  let done = 0;
  const one = async () => {
    while (performance.now() - began < seconds * 1_000) {
      await work();
      done++;
    }
  };
  await Promise.all(Array.from({ length: at }, one));
  const ms = performance.now() - began;
  return { per_second: (done * 1_000) / ms, cpu_ms: used() / done };
}

function beside(name: string, compared: Compared, other: string, most: number): Result {
  const numbers = numbersOf(compared, other);
  const { ratio } = compared;
  return { name, ratio, numbers, bound: `cpu_ratio <= ${most}`, met: numbers.cpu_ratio <= most };
}

function numbersOf({ ours, theirs, cpu }: Compared, other: string) {
  return {
    per_second: ours,
    [`${other}_per_second`]: theirs,
    sqld_cpu_ms: cpu.ours,
    [`${other}_sqld_cpu_ms`]: cpu.theirs,
    cpu_ratio: cpu.ours / cpu.theirs,
  };
}
