import { join } from "node:path";
import { openDatabase, raw, sql } from "@stoa/db";
import { temporaryDirectory } from "@stoa/testing/servers/index";
import { drivers as bareDrivers } from "./bare-drivers.ts";
import { quantile } from "./load.ts";
import { type Measurement, type Result, type Settings, scaled } from "./measurement.ts";

/** The file engine, compared with the driver that Stoa had before, without HTTP. */
export const drivers: Measurement = {
  name: "drivers",
  about: "CPU of a read of 21 rows and of a durable write of two, by the file engine and by the previous driver",
  async run(settings) {
    await using folder = await temporaryDirectory("drivers");
    const [ourFile, oldFile] = [join(folder.path, "ours.db"), join(folder.path, "old.db")];
    const ours = await openDatabase(`file:${ourFile}`);
    await ours.write(tables);
    const old = await bareDrivers.libsql(oldFile);
    await old.batch(tables.map(({ sql: text }) => ({ sql: text, args: [] })));

    const read = await beside(settings, 300, [
      () => ours.query(page),
      async () => void (await old.all({ sql: page.sql, args: [] })),
    ]);
    const write = await beside(settings, 100, [
      () => ours.write([insert, insert]),
      async () => void (await old.batch([insert, insert])),
    ]);
    ours.close();
    return [
      result("a read of 21 rows by the file engine, compared with the previous driver", read, 0.35),
      result("a durable write of two rows, compared with the previous driver", write, 1),
    ];
  },
};

const fill = `insert into pages with recursive n (id) as (select 1 union all select id + 1 from n where id < 1000)
  select id, 'Task number ' || id, 'a', 'b', 'c', 'd', 'e', 'f', 'g', id, 1 from n`;
const tables = [
  raw("create table pages (id integer primary key, a, b, c, d, e, f, g, h, i, j)"),
  raw("create table rows (id integer primary key, text text)"),
  raw(fill),
];
const page = raw("select id, a, b, c, d, e, f, g, h, i, j from pages where id > 500 order by id limit 21");
const insert = sql`insert into rows (text) values (${"Walk down to the weir and count the herons on it."})`;

/** CPU time of this process for each, in microseconds: the median of rounds that take turns. */
async function beside(settings: Settings, times: number, [ours, theirs]: [Work, Work]) {
  const count = scaled(settings, times, 10);
  const [a, b]: [number[], number[]] = [[], []];
  // The first round warms up.
  for (let round = 0; round <= settings.rounds * 3; round++) {
    const pair = [await cpuOf(count, ours), await cpuOf(count, theirs)] as const;
    if (round === 0) continue;
    a.push(pair[0]);
    b.push(pair[1]);
  }
  return { cpu_us: quantile(a, 0.5), previous_cpu_us: quantile(b, 0.5) };
}

type Work = () => Promise<unknown>;

async function cpuOf(count: number, work: Work): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < count; n++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function result(name: string, cpu: { cpu_us: number; previous_cpu_us: number }, most: number): Result {
  const ratio = cpu.cpu_us / cpu.previous_cpu_us;
  return { name, ratio, numbers: cpu, bound: `ratio <= ${most}`, met: ratio <= most };
}
