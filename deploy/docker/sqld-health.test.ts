import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { holdPort, holdWriteLock, type SqldServer, startSqld } from "@stoa/testing";

let sqld: SqldServer;
let other: SqldServer;

beforeEach(async () => {
  [sqld, other] = await Promise.all([startSqld(), startSqld()]);
});

afterEach(async () => {
  // Whatever happens to the one that is checked, nothing happens to another.
  expect(other.running).toBe(true);
  await sqld[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

/** The exit code of the container's health check. */
async function check(port: number, seconds: number): Promise<number> {
  const command = ["bash", join(import.meta.dir, "sqld-health.sh"), `127.0.0.1:${port}`, String(seconds)];
  return Bun.spawn(command, { stdout: "ignore", stderr: "ignore" }).exited;
}

test("sqld that writes is healthy, again and again", async () => {
  for (let n = 0; n < 5; n++) expect(await check(sqld.port, 10)).toBe(0);
  expect(sqld.running).toBe(true);
});

test("a transaction that stands still is no reason: sqld takes the lock from it", async () => {
  await using _held = await holdWriteLock(sqld.url);
  expect(await check(sqld.port, 30)).toBe(0);
  expect(sqld.running).toBe(true);
}, 40_000);

test("sqld whose write lock is never free is ended, although it answers reads, and is healthy after its start", async () => {
  const held = await holdWriteLock(sqld.url);
  expect((await fetch(`${sqld.url}/health`)).status).toBe(200);
  expect(await check(sqld.port, 1)).toBe(1);
  expect(await sqld.exited()).toBeNull();
  await sqld.start();
  await held[Symbol.asyncDispose]();
  expect(await check(sqld.port, 10)).toBe(0);
});

test("sqld that stands still is ended, and is healthy after its start", async () => {
  await sqld.freeze();
  expect(await check(sqld.port, 1)).toBe(1);
  expect(await sqld.exited()).toBeNull();
  await sqld.start();
  expect(await check(sqld.port, 10)).toBe(0);
});

test("while nothing listens it is unhealthy, and nothing is ended", async () => {
  using free = await holdPort();
  expect(await check(free.port, 1)).toBe(1);
  expect(sqld.running).toBe(true);
});
