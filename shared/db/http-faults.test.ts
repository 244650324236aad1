import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { OperatorError } from "@stoa/errors";
import { type CuttingProxy, eventually, rowsOf, type SqldServer, startProxy, startSqld } from "@stoa/testing";
import { type Database, openDatabase } from "./database.ts";
import { raw, sql } from "./sql.ts";

let sqld: SqldServer;
let proxy: CuttingProxy;
let db: Database;

const count = async () => (await rowsOf<{ n: number }>(db, raw("select count(*) as n from t")))[0]?.n;

beforeAll(async () => {
  sqld = await startSqld();
  const first = await openDatabase(sqld.url);
  await first.write([raw("create table t (x)")]);
  first.close();
});

/** Longer than a busy machine takes for anything; only what is lost on purpose gets no answer. */
const PATIENT = { timeoutMs: 120_000 };

beforeEach(async () => {
  proxy = await startProxy(sqld.port);
  db = await openDatabase(proxy.url, PATIENT);
  await db.write([raw("delete from t")]);
});

afterEach(async () => {
  db.close();
  await proxy[Symbol.asyncDispose]();
});

afterAll(() => sqld[Symbol.asyncDispose]());

test("a database that stands still is given up after the bound: a write's outcome is unknown, a read is unavailable", async () => {
  const hasty = await openDatabase(proxy.url, { timeoutMs: 400 });
  const order: string[] = [];
  const ends = (name: string, work: Promise<unknown>) =>
    work.then(
      () => order.push(`${name}: answered`),
      (error: { failure: string }) => order.push(`${name}: ${error.failure}`),
    );
  await sqld.freeze();
  const answered = ends("longer bound", db.query(raw("select 1")));
  // They run one after the other, and each must time out by itself while the database hangs.
  await ends("write", hasty.write([raw("insert into t values (1)")]));
  await ends("read", hasty.query(raw("select 1")));
  await ends("reads", hasty.queryAll([raw("select 1")]));
  sqld.signal("SIGCONT");
  await answered;
  expect(order).toEqual([
    "write: unknown_outcome",
    "read: unavailable",
    "reads: unavailable",
    "longer bound: answered",
  ]);
  await eventually(count, { what: "sqld's next answer" });
  hasty.close();
});

test("a write whose answer was lost has happened, and is told as unknown", async () => {
  let heard = 0;
  db.onWrite(() => heard++);
  proxy.cut("answer");
  await expect(db.write([raw("insert into t values (1)")])).rejects.toMatchObject({ failure: "unknown_outcome" });
  expect(await count()).toBe(1);
  expect(heard).toBe(1);
});

test("a write whose request was lost has not happened, and is told as unknown too", async () => {
  proxy.cut("request");
  await expect(db.write([raw("insert into t values (1)")])).rejects.toMatchObject({ failure: "unknown_outcome" });
  expect(await count()).toBe(0);
});

test("a database that is not there is unavailable: nothing was sent; when it is back the same client goes on", async () => {
  await sqld.kill9();
  const direct = await openDatabase(sqld.url, PATIENT);
  await expect(direct.write([raw("insert into t values (1)")])).rejects.toMatchObject({ failure: "unavailable" });
  await expect(direct.query(raw("select 1"))).rejects.toMatchObject({ failure: "unavailable" });
  await sqld.start();
  await direct.write([raw("insert into t values (1)")]);
  expect(await direct.query(raw("select x from t"))).toEqual([{ x: 1 }]);
  direct.close();
});

test("a name that does not resolve is unavailable", async () => {
  const nowhere = await openDatabase("http://stoa-database.invalid");
  await expect(nowhere.write([raw("select 1")])).rejects.toMatchObject({ failure: "unavailable" });
});

test.each([
  [401, "unavailable"],
  [404, "unavailable"],
  [429, "unavailable"],
  [502, "unknown_outcome"],
  [503, "unknown_outcome"],
])("a write answered with HTTP %i is %s", async (status, failure) => {
  const server = Bun.serve({ port: 0, fetch: () => new Response("no", { status }) });
  const away = await openDatabase(`http://127.0.0.1:${server.port}`);
  await expect(away.write([raw("select 1")])).rejects.toMatchObject({ failure });
  await server.stop(true);
});

test.each([
  ["stalls in the middle", () => new ReadableStream({ start: (body) => body.enqueue('{"results":') })],
  ["ends in the middle", () => '{"results": [{"type"'],
  ["is not the protocol's", () => "{}"],
])("a write whose answer %s has an unknown outcome", async (_, body) => {
  const server = Bun.serve({ port: 0, fetch: () => new Response(body()) });
  const away = await openDatabase(`http://127.0.0.1:${server.port}`, { timeoutMs: 300 });
  await expect(away.write([raw("select 1")])).rejects.toMatchObject({ failure: "unknown_outcome" });
  await server.stop(true);
});

test("50 writes at once through one client all happen", async () => {
  await Promise.all(Array.from({ length: 50 }, (_, x) => db.write([sql`insert into t values (${x})`])));
  expect(await count()).toBe(50);
});

test("an address with a password in it is refused in a line that does not have the password", async () => {
  const refused = await openDatabase("http://weir:keeps7herons@127.0.0.1:1").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OperatorError);
  expect(String(refused)).toContain("The address of the database at 127.0.0.1:1 has a name or a password in it");
  expect(String(refused)).not.toContain("herons");
});
