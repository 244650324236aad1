import { join } from "node:path";
import { type Database, openDatabase, raw, sql } from "@stoa/db";
import { temporaryDirectory } from "@stoa/testing/servers/index";
import { quantile } from "./load.ts";
import { type Measurement, scaled, within } from "./measurement.ts";

/** Short reads and writes of a file while a long read runs on its thread. */
export const scan: Measurement = {
  name: "scan",
  about: "the 99th percentile of short reads and writes of a file during a long db.scan, and how long the loop stands",
  async run(settings) {
    await using folder = await temporaryDirectory("scan");
    const db = await openDatabase(`file:${join(folder.path, "scan.db")}`);
    await db.write(tables(scaled(settings, 1_000_000, 50_000)));
    const quiet = await shortOnes(db, Bun.sleep(settings.seconds * 1_000));
    let scan_ms = 0;
    const during = await shortOnes(
      db,
      (async () => {
        const began = performance.now();
        let count = 0;
        while (performance.now() - began < settings.seconds * 1_000) {
          await db.scan(raw("select count(*) as n, sum(length(text)) as size from texts where text like '%heron 7%'"));
          count++;
        }
        scan_ms = (performance.now() - began) / count;
      })(),
    );
    db.close();
    const reads = {
      quiet_p99_ms: quiet.read_p99,
      scan_p99_ms: during.read_p99,
      p99_ratio: during.read_p99 / quiet.read_p99,
      scan_ms,
    };
    const writes = {
      quiet_p99_ms: quiet.write_p99,
      scan_p99_ms: during.write_p99,
      p99_ratio: during.write_p99 / quiet.write_p99,
    };
    const loop = { quiet_stall_ms: quiet.stall, scan_stall_ms: during.stall, stall_ratio: during.stall / scan_ms };
    return [
      within("short reads during a long one", reads, "p99_ratio", "<=", 3),
      within("durable writes during a long read", writes, "p99_ratio", "<=", 3),
      within("the longest turn of the loop during a long read, compared with the read", loop, "stall_ratio", "<=", 0.5),
    ];
  },
};

const tables = (rows: number) => [
  raw("create table texts (id integer primary key, text text)"),
  raw(`insert into texts with recursive n (id) as (select 1 union all select id + 1 from n where id < ${rows})
    select id, 'Walk down to the weir and count heron ' || id from n`),
];

/** Reads and writes until something has happened, and watches how long turns of the event loop take. */
async function shortOnes(db: Database, happened: Promise<unknown>) {
  const [reads, writes]: [number[], number[]] = [[], []];
  let [over, stall, turn] = [false, 0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    stall = Math.max(stall, now - turn - 1);
    turn = now;
  }, 1);
  const times = async (list: number[], work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    list.push(performance.now() - began);
  };
  const loop = async () => {
    for (let n = 1; !over; n++) {
      await times(reads, () => db.query(sql`select text from texts where id = ${(n % 40_000) + 1}`));
      if (n % 4 === 0) await times(writes, () => db.write([sql`update texts set text = ${"a heron"} where id = ${n}`]));
      await Bun.sleep(1);
    }
  };
  const looping = loop();
  await happened;
  over = true;
  await looping;
  clearInterval(timer);
  return { read_p99: quantile(reads, 0.99), write_p99: quantile(writes, 0.99), stall };
}
