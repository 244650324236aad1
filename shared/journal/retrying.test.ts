import { expect, test } from "bun:test";
import { retrying } from "./retrying.ts";

test("decides anew until the guards hold", async () => {
  let tries = 0;
  expect(await retrying(async () => (++tries < 5 ? undefined : "done"))).toBe("done");
  expect(tries).toBe(5);
});

test("what a try finds out ends it", async () => {
  await expect(retrying(() => Promise.reject(new Error("gone")))).rejects.toThrow("gone");
});

test("gives up when others were faster every time: 503, try again", async () => {
  await expect(retrying(async () => undefined)).rejects.toMatchObject({
    code: "unavailable",
    headers: { "retry-after": "1" },
  });
});
