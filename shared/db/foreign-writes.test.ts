import { afterEach, expect, jest, test } from "bun:test";
import { eventually, LOOKS_IN_A_SECOND, temporaryDirectory } from "@stoa/testing";
import { watchForeignWrites } from "./foreign-writes.ts";
import { openDatabase, raw } from "./index.ts";

afterEach(() => jest.useRealTimers());

/** Two connections to one file, which SQLite treats as it treats two processes. */
async function twoConnections() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("foreign-writes"));
  const open = async () => {
    const db = await openDatabase(`file:${folder.path}/a.db`);
    stack.defer(() => db.close());
    return db;
  };
  const [own, other] = [await open(), await open()];
  await own.write([raw("create table a (x)")]);
  const owned = stack.move();
  return { own, other, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test("a write by another connection is told within a second, and once", async () => {
  await using files = await twoConnections();
  let told = 0;
  const stop = files.own.onWrite(() => told++);
  for (const expected of [1, 2]) {
    await files.other.write([raw("insert into a values (1)")]);
    await eventually(() => told === expected, { looks: LOOKS_IN_A_SECOND });
  }
  stop();
  // The next listener begins from the present, so what was written before is not told again.
  let later = 0;
  files.own.onWrite(() => later++);
  await files.other.write([raw("insert into a values (2)")]);
  await eventually(() => later === 1, { looks: LOOKS_IN_A_SECOND });
  expect([told, later]).toEqual([2, 1]);
});

test("a write of one's own is told once, not as another's again", async () => {
  await using files = await twoConnections();
  let told = 0;
  files.own.onWrite(() => told++);
  await files.own.write([raw("insert into a values (1)")]);
  await eventually(() => told === 1);
  await files.other.write([raw("insert into a values (2)")]);
  await eventually(() => told > 1, { looks: LOOKS_IN_A_SECOND });
  expect(told).toBe(2);
});

test("a file that cannot be read now and then is told, because nobody knows what was written meanwhile", () => {
  jest.useFakeTimers();
  let broken = false;
  let told = 0;
  const version = () => {
    if (broken) throw new Error("database is locked");
    return 1;
  };
  const stop = watchForeignWrites(version, () => told++);
  const toldAfter = (unreadable: boolean) => {
    broken = unreadable;
    jest.advanceTimersByTime(500);
    return told;
  };
  // Readable again, with the version of before: told once more, and then no more.
  expect([false, true, false, false].map(toldAfter)).toEqual([0, 1, 2, 2]);
  stop();
  expect(toldAfter(true)).toBe(2);
});
