import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually, holdWriteLock, type SqldServer, startProxy, startSqld } from "@stoa/testing";
import { type Database, openDatabase } from "./database.ts";
import { raw } from "./sql.ts";
import { WriteWatch } from "./write-watch.ts";

let sqld: SqldServer;
let db: Database;

beforeAll(async () => {
  sqld = await startSqld();
  db = await openDatabase(sqld.url, { timeoutMs: 500 });
});

afterAll(async () => {
  db.close();
  await sqld[Symbol.asyncDispose]();
});

/** A watch over the real server, with a clock of its own and the probes counted. */
function watching() {
  const clock = { now: 0 };
  const probes: Promise<unknown>[] = [];
  const watch = new WriteWatch(
    () => {
      const probe = db.write([raw("select 1")]);
      probes.push(probe);
      return probe;
    },
    () => clock.now,
  );
  const settled = () => Promise.allSettled(probes);
  return { clock, probes, watch, settled };
}

test("while writes come back nothing is sent, however often it is asked", () => {
  const { clock, probes, watch } = watching();
  for (; clock.now < 60_000; clock.now += 1_000) {
    watch.came();
    expect(watch.look()).toBe(false);
  }
  expect(probes).toHaveLength(0);
});

test("when nobody writes one probe in five seconds is sent, and that it came back is enough", async () => {
  const { clock, probes, watch, settled } = watching();
  for (; clock.now < 30_000; clock.now += 500) {
    expect(watch.look()).toBe(false);
    expect(watch.look()).toBe(false);
    await settled();
  }
  expect(probes).toHaveLength(5);
});

test("a server that stands still is noticed ten seconds after the last write, and when it goes on again too", async () => {
  const { clock, probes, watch, settled } = watching();
  await sqld.freeze();
  clock.now = 6_000;
  expect(watch.look()).toBe(false);
  // The probe is on its way, and there is no second one beside it.
  clock.now = 9_999;
  expect(watch.look()).toBe(false);
  clock.now = 11_500;
  expect(watch.look()).toBe(true);
  expect(probes).toHaveLength(1);
  // It got no answer; five seconds after it the next one is sent.
  await settled();
  clock.now = 12_000;
  await eventually(() => watch.look() && probes.length === 2);
  await settled();
  sqld.signal("SIGCONT");
  await eventually(() => db.write([raw("select 1")]));
  clock.now = 17_000;
  await eventually(() => !watch.look());
  expect(probes).toHaveLength(3);
});

test("a writer that keeps the lock is noticed while reads go on", async () => {
  const { clock, watch, settled } = watching();
  await using _held = await holdWriteLock(sqld.url);
  clock.now = 10_000;
  expect(watch.look()).toBe(false);
  await settled();
  await eventually(() => watch.look());
  expect(await db.query(raw("select 1 as one"))).toEqual([{ one: 1 }]);
});

test("a lost answer is a fault until a write comes back, also if nobody writes any more", async () => {
  await using proxy = await startProxy(sqld.port);
  const cut = await openDatabase(proxy.url, { timeoutMs: 500 });
  proxy.cut("answer");
  await expect(cut.write([raw("select 1")])).rejects.toMatchObject({ failure: "unknown_outcome" });
  expect(cut.fault()).toEqual({ reason: expect.stringContaining("refused or got no answer"), serves: true });
  await eventually(() => cut.fault() === undefined);
  cut.close();
});
