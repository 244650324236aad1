import { expect, test } from "bun:test";
import { yieldEvery } from "./yield-every.ts";

test("the event loop runs once in so many calls, and not before", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const breathe = yieldEvery(10);
  for (let call = 0; call < 9; call++) await breathe();
  expect(turns).toBe(0);
  for (let call = 9; call < 100; call++) await breathe();
  clearInterval(timer);
  expect(turns).toBeGreaterThanOrEqual(5);
});
