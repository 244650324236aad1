import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { Scanner } from "./scanner-bun.ts";
import { raw, sql } from "./sql.ts";

const made: Scanner[] = [];
const dying = () => {
  const scanner = new Scanner("nowhere.db", join(import.meta.dir, "test/dying-thread.ts"));
  made.push(scanner);
  return scanner;
};

afterEach(() => {
  for (const scanner of made.splice(0)) void scanner.close();
});

test.each(["die", "throw"])(
  "a thread that ends by %s fails what waits as unavailable, and is replaced",
  async (how) => {
    const scanner = dying();
    expect(await scanner.scan(raw("one"))).toEqual([{ sql: "one" }]);
    const [lost, behind] = await Promise.allSettled([scanner.scan(raw(how)), scanner.scan(raw("two"))]);
    expect(lost).toMatchObject({ reason: { name: "DatabaseError", failure: "unavailable" } });
    expect(behind).toMatchObject({ reason: { name: "DatabaseError", failure: "unavailable" } });
    expect(await scanner.scan(raw("three"))).toEqual([{ sql: "three" }]);
  },
);

test("more than may wait are refused at once, and the others are read", async () => {
  const scanner = dying();
  const all = Array.from({ length: 100 }, (_, n) => scanner.scan(raw(`select ${n}`)));
  expect(() => scanner.scan(raw("one more"))).toThrow("Too many long reads");
  expect(await Promise.all(all)).toHaveLength(100);
  expect(await scanner.scan(raw("later"))).toEqual([{ sql: "later" }]);
});

test("one that cannot be sent fails alone and takes no place among those that wait", async () => {
  const scanner = dying();
  for (let n = 0; n < 100; n++) {
    await expect(scanner.scan(sql`select ${2n ** 63n}`)).rejects.toMatchObject({
      name: "DatabaseError",
      failure: "other",
    });
  }
  expect(await scanner.scan(raw("later"))).toEqual([{ sql: "later" }]);
});
