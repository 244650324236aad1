import { expect, test } from "bun:test";
import { turns } from "@stoa/db/turns";
import { retrying } from "./retrying.ts";

const db = () => ({ turns: turns(true) });

test("a command is retried until its guards hold", async () => {
  let tries = 0;
  expect(await retrying(db(), "a", async () => (++tries < 5 ? undefined : "done"))).toBe("done");
  expect(tries).toBe(5);
});

test("an error of a try ends it", async () => {
  await expect(retrying(db(), "a", () => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
});

test("it gives up with 503 and Retry-After when others were faster all the time", async () => {
  await expect(retrying(db(), "a", async () => undefined, 0)).rejects.toMatchObject({
    code: "unavailable",
    headers: { "retry-after": "1" },
  });
});

test("commands that contend take turns, and none overtakes one that is queued", async () => {
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
  // The first try of each runs at once, and one of them succeeds; the others follow in the order in which they came.
  expect(won.slice(1)).toEqual(won.slice(1).toSorted((a, b) => a - b));
});
