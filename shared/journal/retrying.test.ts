import { expect, test } from "bun:test";
import { turns } from "@stoa/db/turns";
import { retrying } from "./retrying.ts";

const db = () => ({ turns: turns(true) });

test("decides anew until the guards hold", async () => {
  let tries = 0;
  expect(await retrying(db(), "a", async () => (++tries < 5 ? undefined : "done"))).toBe("done");
  expect(tries).toBe(5);
});

test("what a try finds out ends it", async () => {
  await expect(retrying(db(), "a", () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
});

test("gives up when others were faster all the time: 503, try again", async () => {
  await expect(retrying(db(), "a", async () => undefined, 0)).rejects.toMatchObject({
    code: "unavailable",
    headers: { "retry-after": "1" },
  });
});

test("those that contend take turns: one that is in line is overtaken by nobody", async () => {
  const shared = db();
  let version = 0;
  const won: number[] = [];
  const change = (who: number) =>
    retrying(shared, "a", async () => {
      const seen = version;
      await new Promise((resolve) => setImmediate(resolve));
      if (version !== seen) return undefined;
      version++;
      won.push(who);
      return who;
    });
  const all = Array.from({ length: 100 }, (_, who) => who);
  expect(await Promise.all(all.map(change))).toEqual(all);
  // The first try of each goes at once, and one of them gets through; the others follow in the order they came.
  expect(won.slice(1)).toEqual(won.slice(1).toSorted((a, b) => a - b));
});
