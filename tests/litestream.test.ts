import { expect, test } from "bun:test";
import { litestreamDrill } from "./litestream-drill.ts";

test("beside Litestream every create is answered, and each database is restored to a moment and to the end", async () => {
  const { statuses, faults, half, restoredToHalf, whole } = await litestreamDrill(1_500);
  expect(statuses).toEqual({ 201: 1_500 });
  expect(faults).toEqual([]);
  expect(half).toBeGreaterThanOrEqual(750);
  expect(restoredToHalf).toBe(half);
  expect(whole).toBeGreaterThanOrEqual(half + 750);
}, 120_000);
