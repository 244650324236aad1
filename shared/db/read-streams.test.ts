import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { readdirSync, readlinkSync } from "node:fs";
import { openHttp } from "@libsql/hrana-client";
import { eventually, rowsOf, type SqldServer, startProxy, startSqld } from "@stoa/testing";
import { type Database, openDatabase } from "./database.ts";
import { readAllOn, readOn } from "./hrana.ts";
import { ReadStreams } from "./read-streams.ts";
import { raw, sql } from "./sql.ts";

let sqld: SqldServer;
let writer: Database;

beforeAll(async () => {
  sqld = await startSqld();
  writer = await openDatabase(sqld.url, { alone: true });
  await writer.write([raw("create table t (x)")]);
});

beforeEach(async () => {
  await writer.write([raw("delete from t")]);
});

afterAll(async () => {
  writer.close();
  await sqld[Symbol.asyncDispose]();
});

const limits = { width: 4, depth: 100, patienceMs: 20_000, idleMs: 8_000, ageMs: 60_000 };

/** Streams to the real server, with a clock of their own and the requests counted. */
function opened(options: Partial<typeof limits> = {}, url = sqld.url) {
  const clock = { now: 0 };
  const asked = { requests: 0, streams: 0 };
  const counted = async (request: Request) => {
    const body = (await request.clone().json()) as { baton?: string };
    asked.requests++;
    if (body.baton === undefined || body.baton === null) asked.streams++;
    return fetch(request);
  };
  const client = openHttp(url, undefined, counted);
  const streams = new ReadStreams(client, { ...limits, ...options }, () => clock.now);
  const one = () => streams.read((stream) => readOn(stream, raw("select 1 as one")));
  return { clock, asked, streams, one, [Symbol.dispose]: () => client.close() };
}

/** How many connections to its database sqld has: each has the write-ahead log open. */
function connections(): number {
  const files = readdirSync(`/proc/${sqld.pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${sqld.pid}/fd/${fd}`);
    } catch {
      return "it was closed meanwhile";
    }
  });
  return files.filter((file) => file.endsWith("/default/data-wal")).length;
}

test("reads one after another use one stream, each in one request", async () => {
  using reads = opened();
  for (let n = 0; n < 50; n++) expect(await reads.one()).toEqual([{ one: 1 }]);
  expect(reads.asked).toEqual({ requests: 50, streams: 1 });
  expect(reads.streams.open).toBe(1);
});

test("reads at once have a stream each, up to the bound, and the others wait for one", async () => {
  using reads = opened();
  const most: number[] = [];
  await Promise.all(Array.from({ length: 40 }, () => reads.one().then(() => most.push(reads.streams.open))));
  expect(Math.max(...most)).toBe(4);
  expect(reads.asked).toEqual({ requests: 40, streams: 4 });
});

test("a read is refused when too many wait, and when it has waited too long", async () => {
  using reads = opened({ width: 1, depth: 1, patienceMs: 100 });
  const order: string[] = [];
  const ends = (name: string) => (error: { failure: string }) => order.push(`${name}: ${error.failure}`);
  await sqld.freeze();
  const first = reads.one().then(() => order.push("first: answered"));
  const second = reads.one().catch(ends("second"));
  await reads.one().catch(ends("third"));
  await second;
  sqld.signal("SIGCONT");
  await first;
  expect(order).toEqual(["third: unavailable", "second: unavailable", "first: answered"]);
  expect(await reads.one()).toEqual([{ one: 1 }]);
});

test("a stream that was not used for long, or is old, is closed and replaced", async () => {
  using reads = opened();
  await reads.one();
  reads.clock.now = 7_999;
  await reads.one();
  expect(reads.asked.streams).toBe(1);
  reads.clock.now += 8_000;
  await reads.one();
  expect(reads.asked.streams).toBe(2);
  for (; reads.clock.now < 80_000; reads.clock.now += 5_000) await reads.one();
  expect(reads.asked.streams).toBe(3);
  expect(reads.streams.open).toBe(1);
});

test("a stream that sqld has ended because nobody used it is replaced, and the read is answered", async () => {
  using reads = opened({ idleMs: 60_000 });
  await reads.one();
  await eventually(() => connections() <= 1, { what: "sqld's end of an idle stream" });
  expect(await reads.one()).toEqual([{ one: 1 }]);
  // One request was in vain, and the client says once more that it needs that stream no longer.
  expect(reads.asked).toEqual({ requests: 4, streams: 2 });
}, 40_000);

test("a server that was killed and started again knows no stream; reads go on with new ones", async () => {
  using reads = opened();
  await Promise.all(Array.from({ length: 4 }, reads.one));
  await sqld.kill9();
  await expect(reads.one()).rejects.toThrow();
  await sqld.start();
  expect(await Promise.all(Array.from({ length: 8 }, reads.one))).toHaveLength(8);
  expect(reads.streams.open).toBe(4);
});

test("an answer that was lost on the way is asked for again, once", async () => {
  await using proxy = await startProxy(sqld.port);
  using reads = opened({}, proxy.url);
  await reads.one();
  proxy.cut("answer");
  expect(await reads.one()).toEqual([{ one: 1 }]);
  // Those of both tries, and of the end of the stream.
  proxy.cut("answer", 3);
  await expect(reads.one()).rejects.toThrow();
});

test("what another connection has written is read at once, also after a snapshot and after a refused read", async () => {
  using reads = opened({ width: 1 });
  const count = raw("select count(*) as n from t");
  for (let n = 1; n <= 20; n++) {
    await writer.write([sql`insert into t values (${n})`]);
    expect(await reads.streams.read((stream) => readOn(stream, count))).toEqual([{ n }]);
    expect(await reads.streams.read((stream) => readAllOn(stream, [count, count]))).toEqual([[{ n }], [{ n }]]);
    const wrong = reads.streams.read((stream) => readAllOn(stream, [count, raw("select nope")]));
    await expect(wrong).rejects.toMatchObject({ message: expect.stringContaining("no such column: nope") });
  }
  expect(await rowsOf(writer, count)).toEqual([{ n: 20 }]);
});

test("nothing leaks: refused reads leave no connection open, and closing ends all", async () => {
  // Those of the tests before end with their next answer, or after ten seconds.
  await eventually(() => connections() <= 1, { what: "the end of other streams" });
  const db = await openDatabase(sqld.url);
  await Promise.all(Array.from({ length: 100 }, () => db.query(raw("select 1"))));
  expect(connections()).toBeLessThanOrEqual(1 + 16);
  for (let n = 0; n < 100; n++) {
    await expect(db.query(raw("select nope"))).rejects.toMatchObject({ failure: "other" });
    await expect(db.queryAll([raw("select 1"), raw("select nope")])).rejects.toMatchObject({ failure: "other" });
  }
  expect(connections()).toBeLessThanOrEqual(1 + 16);
  await Promise.all(Array.from({ length: 16 }, () => db.query(raw("select 1"))));
  db.close();
  await eventually(() => connections() <= 1, { what: "the end of all streams", within: 8_000 });
  await expect(db.query(raw("select 1"))).rejects.toMatchObject({ failure: "unavailable" });
}, 40_000);
